"""L1: the tables of signals. Models do not cross the app's public interface."""
