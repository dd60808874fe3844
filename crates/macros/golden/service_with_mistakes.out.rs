::core::compile_error! {
    "the name of a service is a text of letters, digits, `_`, `-` and `.`, a letter first, 63 at most, like `#[service(\"magic-link\")]`"
}
::core::compile_error! {
    "`access` says who may run the method from outside: `anyone`, `user` (whoever has a session), `role(\"..\")`, or `server` (nobody: server code alone); write `#[post(\"/path\", access = .., timeout = \"..\")]`"
}
::core::compile_error! {
    "an argument owns what it holds; write `String` for `&str`, `Vec<..>` for `&[..]`"
}
impl MagicLink {
    #[allow(
        clippy::needless_pass_by_value,
        clippy::too_many_arguments,
        clippy::trivially_copy_pass_by_ref,
        clippy::unnecessary_wraps,
        clippy::unused_async,
        clippy::unused_self,
        reason = "the shape of a method is not its author's choice"
    )]
    /// Mails a link.
    async fn send(&self, email: &str, ctx: &Context) -> Result<()> {
        Ok(())
    }
}
const _: () = {
    impl ::vestibule::__private::Handler for MagicLink {
        const REGISTRATION: ::vestibule::__private::Registration = ::vestibule::__private::Registration::new(
            ::vestibule::__private::Meta {
                path: ::core::concat!(::core::module_path!(), "::MagicLink"),
                phase: ::vestibule::__private::Phase::Service,
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
