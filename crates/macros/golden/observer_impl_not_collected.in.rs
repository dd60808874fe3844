#[observe(collect = false)]
impl ObserverOfAll for trail::Recorder {
    async fn observe(&self, seen: &SeenAny, _witness: &Witness) -> Result<()> {
        self.record(seen)
    }
}
