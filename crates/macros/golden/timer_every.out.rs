#[allow(
    clippy::needless_pass_by_ref_mut,
    clippy::needless_pass_by_value,
    clippy::single_call_fn,
    clippy::trivially_copy_pass_by_ref,
    clippy::unnecessary_wraps,
    clippy::unused_async,
    reason = "the shape of a handler is not its author's choice"
)]
/// Links that nobody followed.
#[cfg(feature = "mail")]
pub(crate) async fn forget_old_links(tick: RunTimer, ctx: &Context) -> Result<()> {
    forget(tick.missed()).await
}
#[cfg(feature = "mail")]
#[doc(hidden)]
#[allow(
    dead_code,
    missing_copy_implementations,
    missing_debug_implementations,
    non_camel_case_types,
    unreachable_pub,
    reason = "shares the function's name, in the type namespace"
)]
pub(crate) struct forget_old_links {}
#[cfg(feature = "mail")]
const _: () = {
    #[::vestibule::__private::async_trait]
    impl ::vestibule::__private::Answers<::vestibule::__private::RunTimer>
    for forget_old_links {
        async fn answer(
            &self,
            event: ::vestibule::__private::RunTimer,
            ctx: &::vestibule::__private::Context,
        ) -> ::vestibule::__private::Result<()> {
            let event = ::vestibule::__private::shape::tick::<RunTimer>()(event);
            let ctx = ::vestibule::__private::shape::context::<Context>()(ctx);
            let answer = forget_old_links(event, ctx).await;
            ::vestibule::__private::shape::timer::<Result<()>>()(answer)
        }
    }
    impl ::vestibule::__private::Handler for forget_old_links {
        const REGISTRATION: ::vestibule::__private::Registration = ::vestibule::__private::Registration::new(
            ::vestibule::__private::Meta {
                path: ::core::concat!(::core::module_path!(), "::forget_old_links"),
                phase: ::vestibule::__private::Phase::Timer,
                table: ::core::option::Option::None,
                order: 0i32,
                runs_before: &[],
                runs_after: &[],
                timeout: ::core::time::Duration::new(120u64, 0u32),
                on_failure: ::vestibule::__private::OnFailure::Closed,
                disable_after: ::core::option::Option::None,
                file: ::core::file!(),
                line: ::core::line!(),
            },
            |registry, meta| {
                registry
                    .timer(
                        meta,
                        ::vestibule::__private::Schedule {
                            rule: ::vestibule::__private::Rule::Every(
                                ::core::time::Duration::new(3600u64, 0u32),
                            ),
                            start: ::core::option::Option::Some(
                                ::vestibule::__private::Timestamp::from_millis(
                                    1798758000000i64,
                                ),
                            ),
                            expiry: ::core::option::Option::None,
                            jitter: ::core::time::Duration::new(30u64, 0u32),
                            overlap: ::vestibule::__private::Overlap::Skip,
                            missed: ::vestibule::__private::Missed::Once,
                        },
                        forget_old_links {},
                    );
            },
        );
    }
    ::vestibule::__private::inventory::submit! {
        < forget_old_links as ::vestibule::__private::Handler > ::REGISTRATION
    }
};
