#[answer(collect = false)]
impl Answers<Convert> for Converter {
    async fn answer(&self, event: Convert, _ctx: &Context) -> Result<f64> {
        self.convert(event)
    }
}
