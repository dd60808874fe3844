#[::vestibule::__private::async_trait]
impl Before<Register> for Invitations {
    async fn before(
        &self,
        event: &mut Register,
        _ctx: &Context,
    ) -> Result<Flow<Register>> {
        self.check(event)
    }
}
const _: () = {
    const _: fn() = || {
        ::vestibule::__private::shape::before::<Register, Result<Flow<Register>>>();
    };
    impl ::vestibule::__private::Handler for Invitations {
        const REGISTRATION: ::vestibule::__private::Registration = ::vestibule::__private::Registration::new(
            ::vestibule::__private::Meta {
                path: ::core::concat!(::core::module_path!(), "::Invitations"),
                phase: ::vestibule::__private::Phase::Before,
                table: ::core::option::Option::None,
                order: 5i32,
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
                    .before::<
                        Register,
                    >(meta, <Invitations as ::core::default::Default>::default());
            },
        );
    }
    ::vestibule::__private::inventory::submit! {
        < Invitations as ::vestibule::__private::Handler > ::REGISTRATION
    }
};
