//! Traces for a collector of OpenTelemetry: requests, and the handlers that they led to.
//!
//! Spans wait in a bounded queue for a thread of their own, which sends them in batches; when the
//! queue is full they are thrown away, and no call ever waits for a collector.

use std::{io, time::Duration};

use opentelemetry::{
    Context, KeyValue,
    trace::{SpanKind, Status, TracerProvider},
};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{
        BatchConfigBuilder, BatchSpanProcessor, SdkTracerProvider, Span, SpanData, SpanProcessor,
    },
};
use tracing::Metadata;
use tracing_subscriber::{
    Layer,
    filter::{LevelFilter, filter_fn},
};

use crate::logging::BoxedLayer;

/// Where collectors want traces, below their own URL (the OTLP specification, "OTLP/HTTP request").
const PATH: &str = "/v1/traces";

/// Spans that wait for the collector, at most.
const QUEUE: usize = 4096;

/// Spans in one message, at most.
const BATCH: usize = 512;

/// How long a span waits for others before it is sent.
const DELAY: Duration = Duration::from_secs(2);

/// How long a collector may take for one message, and how long the end of the server waits for it.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is told to the collector: nothing that stands in requests, and no lines of the log.
const TOLD: [&str; 2] = ["vestibule_http::exchange", "vestibule::handler"];

/// Sends spans to a collector until it is told to end.
pub(crate) struct Traces(SdkTracerProvider);

impl Traces {
    /// Spans go to this collector from now on, as far as they reach the layer.
    ///
    /// # Errors
    /// Fails when no thread can be started for it. Whether the collector is there, nobody asks: it may
    /// come later.
    pub(crate) fn start(endpoint: &str, program: &str) -> io::Result<Self> {
        let url = format!("{endpoint}{PATH}");
        let exporter = SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(url)
            .with_timeout(PATIENCE)
            .build()
            .map_err(io::Error::other)?;
        let queue = BatchConfigBuilder::default()
            .with_max_queue_size(QUEUE)
            .with_max_export_batch_size(BATCH)
            .with_scheduled_delay(DELAY)
            .build();
        let batches = BatchSpanProcessor::builder(exporter)
            .with_batch_config(queue)
            .build();
        let server = Resource::builder()
            .with_service_name(program.to_owned())
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_resource(server)
            .with_span_processor(Named(batches))
            .build();
        Ok(Self(provider))
    }

    /// The layer that makes spans for the collector of those of the log.
    pub(crate) fn layer(&self) -> BoxedLayer {
        let told = filter_fn(|metadata: &Metadata<'_>| {
            metadata.is_span() && TOLD.contains(&metadata.target())
        });
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("vestibule"))
            .with_context_activation(false)
            .with_location(false)
            .with_threads(false)
            .with_filter(told.with_max_level_hint(LevelFilter::DEBUG))
            .boxed()
    }

    /// Sends what still waits, for a few seconds at most.
    pub(crate) fn end(self) {
        if let Err(error) = self.0.shutdown_with_timeout(PATIENCE) {
            tracing::warn!(%error, "the collector did not take the last traces");
        }
    }
}

/// Gives spans the names and the statuses that readers of traces look for.
#[derive(Debug)]
struct Named(BatchSpanProcessor);

impl SpanProcessor for Named {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.0.on_start(span, context);
    }

    fn on_end(&self, mut span: SpanData) {
        let value = |key: &str| {
            let mut attributes = span.attributes.iter();
            let attribute = attributes.find(|attribute| attribute.key.as_str() == key)?;
            Some(attribute.value.as_str().into_owned())
        };
        let failure = value("handler.failure");
        if let Some(handler) = value("handler.name") {
            span.name = handler.into();
        } else if let (Some(method), Some(route)) = (value("http.method"), value("http.route")) {
            span.name = format!("{method} {route}").into();
            span.span_kind = SpanKind::Server;
        }
        if let Some(failure) = failure {
            span.status = Status::error(failure);
        }
        self.0.on_end(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }
}
