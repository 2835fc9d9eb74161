"""L5: what learners see: pages, REST, forms, panels."""
