#[service("rows", collect = false)]
impl Rows {
    #[put(access = server)]
    async fn import_rows(&self, #[body] mut rows: Vec<Row>, _ctx: &Context) -> Result<usize> {
        Ok(rows.len())
    }
}
