/// Converts a temperature.
#[event(output = f64, access = role("Support"))]
pub(crate) struct ConvertDegrees {
    celsius: f64,
}
