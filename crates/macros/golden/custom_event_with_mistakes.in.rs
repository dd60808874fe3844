#[event(name = "convert degrees", output = f64, access = everybody)]
struct ConvertDegrees {
    celsius: f64,
}
