#[allow(
    clippy::needless_pass_by_ref_mut,
    clippy::needless_pass_by_value,
    clippy::single_call_fn,
    clippy::trivially_copy_pass_by_ref,
    clippy::unnecessary_wraps,
    clippy::unused_async,
    reason = "the shape of a handler is not its author's choice"
)]
async fn check_stock(event: &mut Create, _ctx: &Context) -> Result<Flow<Create>> {
    refuse_what_is_sold_out(event)?;
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
struct check_stock {}
const _: () = {
    #[::vestibule::__private::async_trait]
    impl ::vestibule::__private::Before<Create> for check_stock {
        async fn before(
            &self,
            event: &mut Create,
            ctx: &::vestibule::__private::Context,
        ) -> ::vestibule::__private::Result<::vestibule::__private::Flow<Create>> {
            let ctx = ::vestibule::__private::shape::context::<Context>()(ctx);
            let answer = check_stock(event, ctx).await;
            ::vestibule::__private::shape::before::<
                Create,
                Result<Flow<Create>>,
            >()(answer)
        }
    }
    impl ::vestibule::__private::Handler for check_stock {
        const REGISTRATION: ::vestibule::__private::Registration = ::vestibule::__private::Registration::new(
            ::vestibule::__private::Meta {
                path: ::core::concat!(::core::module_path!(), "::check_stock"),
                phase: ::vestibule::__private::Phase::Before,
                table: ::core::option::Option::Some("Order"),
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
                ::vestibule::__private::shape::about_a_table::<Create>();
                registry.before::<Create>(meta, check_stock {});
            },
        );
    }
    ::vestibule::__private::inventory::submit! {
        < check_stock as ::vestibule::__private::Handler > ::REGISTRATION
    }
};
