//! Events, handlers, the pipeline, CloudCode, sessions and permissions of Vestibule
