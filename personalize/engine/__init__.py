"""L3: data sets, training, the model registry and serving."""
