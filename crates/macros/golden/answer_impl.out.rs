#[::vestibule::__private::async_trait]
impl Answers<Convert> for Converter {
    async fn answer(&self, event: Convert, _ctx: &Context) -> Result<f64> {
        self.convert(event)
    }
}
const _: () = {
    const _: fn() = || {
        ::vestibule::__private::shape::answer::<Convert, Result<f64>>();
    };
    impl ::vestibule::__private::Handler for Converter {
        const REGISTRATION: ::vestibule::__private::Registration = ::vestibule::__private::Registration::new(
            ::vestibule::__private::Meta {
                path: ::core::concat!(::core::module_path!(), "::Converter"),
                phase: ::vestibule::__private::Phase::Answer,
                table: ::core::option::Option::None,
                order: 0i32,
                runs_before: &[],
                runs_after: &[],
                timeout: ::vestibule::__private::DEFAULT_TIMEOUT,
                on_failure: ::vestibule::__private::OnFailure::Closed,
                disable_after: ::core::option::Option::None,
                file: ::core::file!(),
                line: ::core::line!(),
            },
            |registry, meta| {
                registry
                    .answer::<
                        Convert,
                    >(meta, <Converter as ::core::default::Default>::default());
            },
        );
    }
};
