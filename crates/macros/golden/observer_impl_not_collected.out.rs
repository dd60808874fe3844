#[::vestibule::__private::async_trait]
impl ObserverOfAll for trail::Recorder {
    async fn observe(&self, seen: &SeenAny, _witness: &Witness) -> Result<()> {
        self.record(seen)
    }
}
const _: () = {
    const _: fn() = || {
        ::vestibule::__private::shape::observer::<Result<()>>();
    };
    impl ::vestibule::__private::Handler for trail::Recorder {
        const REGISTRATION: ::vestibule::__private::Registration = ::vestibule::__private::Registration::new(
            ::vestibule::__private::Meta {
                path: ::core::concat!(::core::module_path!(), "::Recorder"),
                phase: ::vestibule::__private::Phase::Observe,
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
                    .observer_of_all(
                        meta,
                        <trail::Recorder as ::core::default::Default>::default(),
                    );
            },
        );
    }
};
