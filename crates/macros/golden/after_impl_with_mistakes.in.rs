#[after]
impl Before<Register> for Invitations {
    async fn before(&self, event: &mut Register, _ctx: &Context) -> Result<Flow<Register>> {
        self.check(event)
    }
}
