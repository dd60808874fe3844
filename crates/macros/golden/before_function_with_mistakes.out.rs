::core::compile_error! {
    "`order` is a whole number, like `order = -10`"
}
::core::compile_error! {
    "unknown option `tabel`; the options are `order`, `before`, `after`, `timeout`, `on_failure`, `disable_after`, `collect`, `table` and `events`"
}
::core::compile_error! {
    "a before handler is async; write `async fn`\nexpected `async fn limit_guests(event: &mut LoginAsGuest, ctx: &Context) -> Result<Flow<LoginAsGuest>>`"
}
::core::compile_error! {
    "the first argument is the event as `&mut ..`, to be changed or not"
}
::core::compile_error! {
    "a before handler takes two arguments, the event and the context"
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
fn limit_guests(event: &LoginAsGuest) -> Result<Flow<LoginAsGuest>> {
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
struct limit_guests {}
const _: () = {
    impl ::vestibule::__private::Handler for limit_guests {
        const REGISTRATION: ::vestibule::__private::Registration = ::vestibule::__private::Registration::new(
            ::vestibule::__private::Meta {
                path: ::core::concat!(::core::module_path!(), "::limit_guests"),
                phase: ::vestibule::__private::Phase::Before,
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
            |_, _| {},
        );
    }
};
