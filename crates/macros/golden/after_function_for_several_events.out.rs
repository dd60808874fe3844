#[allow(
    clippy::needless_pass_by_ref_mut,
    clippy::needless_pass_by_value,
    clippy::single_call_fn,
    clippy::trivially_copy_pass_by_ref,
    clippy::unnecessary_wraps,
    clippy::unused_async,
    reason = "the shape of a handler is not its author's choice"
)]
async fn welcome<E: Event<Output = LoggedIn>>(
    _event: &E,
    outcome: Outcome<E>,
    ctx: &Context,
) -> Outcome<E> {
    ctx.response().set_header("x-welcome", "back")?;
    outcome
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
struct welcome {}
const _: () = {
    #[::vestibule::__private::async_trait]
    impl ::vestibule::__private::After<Login> for welcome {
        async fn after(
            &self,
            event: &Login,
            outcome: ::vestibule::__private::Outcome<Login>,
            ctx: &::vestibule::__private::Context,
        ) -> ::vestibule::__private::Outcome<Login> {
            type E = Login;
            let outcome = ::vestibule::__private::shape::outcome::<
                Login,
                Outcome<E>,
            >()(outcome);
            let ctx = ::vestibule::__private::shape::context::<Context>()(ctx);
            let answer = welcome(event, outcome, ctx).await;
            ::vestibule::__private::shape::after::<Login, Outcome<E>>()(answer)
        }
    }
    #[::vestibule::__private::async_trait]
    impl ::vestibule::__private::After<LoginByObjectId> for welcome {
        async fn after(
            &self,
            event: &LoginByObjectId,
            outcome: ::vestibule::__private::Outcome<LoginByObjectId>,
            ctx: &::vestibule::__private::Context,
        ) -> ::vestibule::__private::Outcome<LoginByObjectId> {
            type E = LoginByObjectId;
            let outcome = ::vestibule::__private::shape::outcome::<
                LoginByObjectId,
                Outcome<E>,
            >()(outcome);
            let ctx = ::vestibule::__private::shape::context::<Context>()(ctx);
            let answer = welcome(event, outcome, ctx).await;
            ::vestibule::__private::shape::after::<LoginByObjectId, Outcome<E>>()(answer)
        }
    }
    impl ::vestibule::__private::Handler for welcome {
        const REGISTRATION: ::vestibule::__private::Registration = ::vestibule::__private::Registration::new(
            ::vestibule::__private::Meta {
                path: ::core::concat!(::core::module_path!(), "::welcome"),
                phase: ::vestibule::__private::Phase::After,
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
                registry.after::<Login>(meta, welcome {});
                registry.after::<LoginByObjectId>(meta, welcome {});
            },
        );
    }
    ::vestibule::__private::inventory::submit! {
        < welcome as ::vestibule::__private::Handler > ::REGISTRATION
    }
};
