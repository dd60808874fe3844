::core::compile_error! {
    "one handler alone does the work of an event; take `order` away"
}
::core::compile_error! {
    "the first argument is the event itself, to be used up\nexpected `async fn convert(event: Convert, ctx: &Context) -> Outcome<Convert>`"
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
async fn convert(event: &Convert, _ctx: &Context) -> Outcome<Convert> {
    Ok(event.celsius * 1.8 + 32.0)
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
struct convert {}
const _: () = {
    impl ::vestibule::__private::Handler for convert {
        const REGISTRATION: ::vestibule::__private::Registration = ::vestibule::__private::Registration::new(
            ::vestibule::__private::Meta {
                path: ::core::concat!(::core::module_path!(), "::convert"),
                phase: ::vestibule::__private::Phase::Answer,
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
            |_, _| {},
        );
    }
};
