//! Traces for a collector of OpenTelemetry, in servers that are built with the feature `otlp`.

#[cfg(feature = "otlp")]
mod otlp;

#[cfg(feature = "otlp")]
pub(crate) use otlp::Traces;

/// Nobody can have one: the configuration refuses `--otlp-endpoint` where the feature is off.
#[cfg(not(feature = "otlp"))]
pub(crate) enum Traces {}

#[cfg(not(feature = "otlp"))]
impl Traces {
    pub(crate) fn start(_endpoint: &str, _program: &str) -> std::io::Result<Self> {
        Err(std::io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn layer(&self) -> crate::logging::BoxedLayer {
        match *self {}
    }

    pub(crate) fn end(self) {
        match self {}
    }
}
