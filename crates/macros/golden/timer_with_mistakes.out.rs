::core::compile_error! {
    "`every` is a whole number with a unit (s, m, h or d) in quotes, like `every = \"1h\"`"
}
::core::compile_error! {
    "unknown option `often`; the options are `every`, `cron`, `once`, `start`, `expiry`, `jitter`, `overlap`, `missed`, `timeout` and `collect`"
}
::core::compile_error! {
    "a timer is async; write `async fn`\nexpected `async fn forget_old_links(tick: RunTimer, ctx: &Context) -> Result<()>`"
}
::core::compile_error! {
    "the first argument is the tick, `RunTimer`"
}
::core::compile_error! {
    "a timer takes two arguments, the tick and the context"
}
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
pub fn forget_old_links(ctx: &Context) -> Result<()> {
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
pub struct forget_old_links {}
const _: () = {
    impl ::vestibule::__private::Handler for forget_old_links {
        const REGISTRATION: ::vestibule::__private::Registration = ::vestibule::__private::Registration::new(
            ::vestibule::__private::Meta {
                path: ::core::concat!(::core::module_path!(), "::forget_old_links"),
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
            |_, _| {},
        );
    }
};
