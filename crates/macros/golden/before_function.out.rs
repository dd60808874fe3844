#[allow(
    clippy::needless_pass_by_ref_mut,
    clippy::needless_pass_by_value,
    clippy::single_call_fn,
    clippy::trivially_copy_pass_by_ref,
    clippy::unnecessary_wraps,
    clippy::unused_async,
    reason = "the shape of a handler is not its author's choice"
)]
/// Turns away guests whose address opened too many accounts lately.
#[cfg(feature = "limits")]
pub(crate) async fn limit_guests(
    _event: &mut LoginAsGuest,
    ctx: &Context,
) -> Result<Flow<LoginAsGuest>> {
    ctx.state::<Quota>().spend(ctx.call().address)?;
    Ok(Flow::Continue)
}
#[cfg(feature = "limits")]
#[doc(hidden)]
#[allow(
    dead_code,
    missing_copy_implementations,
    missing_debug_implementations,
    non_camel_case_types,
    unreachable_pub,
    reason = "shares the function's name, in the type namespace"
)]
pub(crate) struct limit_guests {}
#[cfg(feature = "limits")]
const _: () = {
    #[::vestibule::__private::async_trait]
    impl ::vestibule::__private::Before<LoginAsGuest> for limit_guests {
        async fn before(
            &self,
            event: &mut LoginAsGuest,
            ctx: &::vestibule::__private::Context,
        ) -> ::vestibule::__private::Result<::vestibule::__private::Flow<LoginAsGuest>> {
            let ctx = ::vestibule::__private::shape::context::<Context>()(ctx);
            let answer = limit_guests(event, ctx).await;
            ::vestibule::__private::shape::before::<
                LoginAsGuest,
                Result<Flow<LoginAsGuest>>,
            >()(answer)
        }
    }
    impl ::vestibule::__private::Handler for limit_guests {
        const REGISTRATION: ::vestibule::__private::Registration = ::vestibule::__private::Registration::new(
            ::vestibule::__private::Meta {
                path: ::core::concat!(::core::module_path!(), "::limit_guests"),
                phase: ::vestibule::__private::Phase::Before,
                table: ::core::option::Option::None,
                order: -10i32,
                runs_before: &[],
                runs_after: &[],
                timeout: ::core::time::Duration::new(1u64, 500000000u32),
                on_failure: ::vestibule::__private::OnFailure::Open,
                disable_after: ::core::option::Option::None,
                file: ::core::file!(),
                line: ::core::line!(),
            },
            |registry, meta| {
                registry.before::<LoginAsGuest>(meta, limit_guests {});
            },
        );
    }
    ::vestibule::__private::inventory::submit! {
        < limit_guests as ::vestibule::__private::Handler > ::REGISTRATION
    }
};
