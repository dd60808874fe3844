#[allow(
    clippy::needless_pass_by_ref_mut,
    clippy::needless_pass_by_value,
    clippy::single_call_fn,
    clippy::trivially_copy_pass_by_ref,
    clippy::unnecessary_wraps,
    clippy::unused_async,
    reason = "the shape of a handler is not its author's choice"
)]
async fn greet(event: &mut LoginAsGuest, ctx: &Context) -> Result<Flow<LoginAsGuest>> {
    Ok(Flow::Continue)
}
#[doc(hidden)]
#[allow(
    dead_code,
    missing_copy_implementations,
    missing_debug_implementations,
    non_camel_case_types,
    unreachable_pub,
    reason = "shares the function's name, in the type namespace"
)]
struct greet {}
const _: () = {
    #[::vestibule::__private::async_trait]
    impl ::vestibule::__private::Before<LoginAsGuest> for greet {
        async fn before(
            &self,
            event: &mut LoginAsGuest,
            ctx: &::vestibule::__private::Context,
        ) -> ::vestibule::__private::Result<::vestibule::__private::Flow<LoginAsGuest>> {
            let ctx = ::vestibule::__private::shape::context::<Context>()(ctx);
            let answer = greet(event, ctx).await;
            ::vestibule::__private::shape::before::<
                LoginAsGuest,
                Result<Flow<LoginAsGuest>>,
            >()(answer)
        }
    }
    impl ::vestibule::__private::Handler for greet {
        const REGISTRATION: ::vestibule::__private::Registration = ::vestibule::__private::Registration::new(
            ::vestibule::__private::Meta {
                path: ::core::concat!(::core::module_path!(), "::greet"),
                phase: ::vestibule::__private::Phase::Before,
                table: ::core::option::Option::None,
                order: 0i32,
                runs_before: &["carts::open"],
                runs_after: &["guest_limits::limit_guests", "guest_proof::demand_proof"],
                timeout: ::vestibule::__private::DEFAULT_TIMEOUT,
                on_failure: ::vestibule::__private::OnFailure::Open,
                disable_after: ::core::option::Option::Some(5u32),
                file: ::core::file!(),
                line: ::core::line!(),
            },
            |registry, meta| {
                registry.before::<LoginAsGuest>(meta, greet {});
            },
        );
    }
    ::vestibule::__private::inventory::submit! {
        < greet as ::vestibule::__private::Handler > ::REGISTRATION
    }
};
