#[service("magic link")]
impl MagicLink {
    /// Mails a link.
    #[post("/send")]
    async fn send(&self, #[body] email: &str, ctx: &Context) -> Result<()> {
        Ok(())
    }
}
