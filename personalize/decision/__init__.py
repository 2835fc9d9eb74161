"""L4: the serving decision: context, policy, explanation, log."""
