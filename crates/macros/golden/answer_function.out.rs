#[allow(
    clippy::needless_pass_by_ref_mut,
    clippy::needless_pass_by_value,
    clippy::single_call_fn,
    clippy::trivially_copy_pass_by_ref,
    clippy::unnecessary_wraps,
    clippy::unused_async,
    reason = "the shape of a handler is not its author's choice"
)]
/// Converts a temperature.
#[cfg(feature = "weather")]
pub(crate) async fn convert(
    Convert { celsius }: Convert,
    _ctx: &Context,
) -> Outcome<Convert> {
    Ok(celsius * 1.8 + 32.0)
}
#[cfg(feature = "weather")]
#[doc(hidden)]
#[allow(
    dead_code,
    missing_copy_implementations,
    missing_debug_implementations,
    non_camel_case_types,
    unreachable_pub,
    reason = "shares the function's name, in the type namespace"
)]
pub(crate) struct convert {}
#[cfg(feature = "weather")]
const _: () = {
    #[::vestibule::__private::async_trait]
    impl ::vestibule::__private::Answers<Convert> for convert {
        async fn answer(
            &self,
            event: Convert,
            ctx: &::vestibule::__private::Context,
        ) -> ::vestibule::__private::Outcome<Convert> {
            let ctx = ::vestibule::__private::shape::context::<Context>()(ctx);
            let answer = convert(event, ctx).await;
            ::vestibule::__private::shape::answer::<Convert, Outcome<Convert>>()(answer)
        }
    }
    impl ::vestibule::__private::Handler for convert {
        const REGISTRATION: ::vestibule::__private::Registration = ::vestibule::__private::Registration::new(
            ::vestibule::__private::Meta {
                path: ::core::concat!(::core::module_path!(), "::convert"),
                phase: ::vestibule::__private::Phase::Answer,
                table: ::core::option::Option::None,
                order: 0i32,
                runs_before: &[],
                runs_after: &[],
                timeout: ::core::time::Duration::new(30u64, 0u32),
                on_failure: ::vestibule::__private::OnFailure::Closed,
                disable_after: ::core::option::Option::None,
                file: ::core::file!(),
                line: ::core::line!(),
            },
            |registry, meta| {
                registry.answer::<Convert>(meta, convert {});
            },
        );
    }
    ::vestibule::__private::inventory::submit! {
        < convert as ::vestibule::__private::Handler > ::REGISTRATION
    }
};
