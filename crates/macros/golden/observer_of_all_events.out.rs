#[allow(
    clippy::needless_pass_by_ref_mut,
    clippy::needless_pass_by_value,
    clippy::single_call_fn,
    clippy::trivially_copy_pass_by_ref,
    clippy::unnecessary_wraps,
    clippy::unused_async,
    reason = "the shape of a handler is not its author's choice"
)]
pub async fn count(seen: &SeenAny, witness: &Witness) -> Result<()> {
    witness.state::<Counts>().count(seen);
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
pub struct count {}
const _: () = {
    #[::vestibule::__private::async_trait]
    impl ::vestibule::__private::ObserverOfAll for count {
        async fn observe(
            &self,
            seen: &::vestibule::__private::SeenAny,
            witness: &::vestibule::__private::Witness,
        ) -> ::vestibule::__private::Result<()> {
            let witness = ::vestibule::__private::shape::witness::<Witness>()(witness);
            let answer = count(seen, witness).await;
            ::vestibule::__private::shape::observer::<Result<()>>()(answer)
        }
    }
    impl ::vestibule::__private::Handler for count {
        const REGISTRATION: ::vestibule::__private::Registration = ::vestibule::__private::Registration::new(
            ::vestibule::__private::Meta {
                path: ::core::concat!(::core::module_path!(), "::count"),
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
                registry.observer_of_all(meta, count {});
            },
        );
    }
    ::vestibule::__private::inventory::submit! {
        < count as ::vestibule::__private::Handler > ::REGISTRATION
    }
};
