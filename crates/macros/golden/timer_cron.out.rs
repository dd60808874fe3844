#[allow(
    clippy::needless_pass_by_ref_mut,
    clippy::needless_pass_by_value,
    clippy::single_call_fn,
    clippy::trivially_copy_pass_by_ref,
    clippy::unnecessary_wraps,
    clippy::unused_async,
    reason = "the shape of a handler is not its author's choice"
)]
async fn report(_: RunTimer, _: &vestibule::Context) -> Result<()> {
    Ok(())
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
struct report {}
const _: () = {
    #[::vestibule::__private::async_trait]
    impl ::vestibule::__private::Answers<::vestibule::__private::RunTimer> for report {
        async fn answer(
            &self,
            event: ::vestibule::__private::RunTimer,
            ctx: &::vestibule::__private::Context,
        ) -> ::vestibule::__private::Result<()> {
            let event = ::vestibule::__private::shape::tick::<RunTimer>()(event);
            let ctx = ::vestibule::__private::shape::context::<
                vestibule::Context,
            >()(ctx);
            let answer = report(event, ctx).await;
            ::vestibule::__private::shape::timer::<Result<()>>()(answer)
        }
    }
    impl ::vestibule::__private::Handler for report {
        const REGISTRATION: ::vestibule::__private::Registration = ::vestibule::__private::Registration::new(
            ::vestibule::__private::Meta {
                path: ::core::concat!(::core::module_path!(), "::report"),
                phase: ::vestibule::__private::Phase::Timer,
                table: ::core::option::Option::None,
                order: 0i32,
                runs_before: &[],
                runs_after: &[],
                timeout: ::vestibule::__private::DEFAULT_TIMER_TIMEOUT,
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
                            rule: ::vestibule::__private::Rule::Cron("0 3 * * MON UTC"),
                            start: ::core::option::Option::None,
                            expiry: ::core::option::Option::Some(
                                ::vestibule::__private::Timestamp::from_millis(
                                    1830297600000i64,
                                ),
                            ),
                            jitter: ::core::time::Duration::new(0u64, 0u32),
                            overlap: ::vestibule::__private::Overlap::Wait,
                            missed: ::vestibule::__private::Missed::Skip,
                        },
                        report {},
                    );
            },
        );
    }
};
