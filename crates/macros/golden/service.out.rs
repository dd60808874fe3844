/// Logs people in without a password.
#[cfg(feature = "mail")]
impl MagicLink {
    const LIMIT: usize = 3;
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
    ///
    /// Once a minute, and no more.
    async fn send(
        &self,
        email: String,
        language: Option<String>,
        ctx: &Context,
    ) -> Result<()> {
        self.mail(email, language).await
    }
    #[allow(
        clippy::needless_pass_by_value,
        clippy::too_many_arguments,
        clippy::trivially_copy_pass_by_ref,
        clippy::unnecessary_wraps,
        clippy::unused_async,
        clippy::unused_self,
        reason = "the shape of a method is not its author's choice"
    )]
    #[cfg(feature = "support")]
    pub(crate) async fn link(
        &self,
        id: u32,
        r#type: Self::Kind,
        _: &Context,
    ) -> Result<Self> {
        Ok(Self::LINKS[id])
    }
    fn mail(&self, email: String, language: Option<String>) -> Result<()> {
        Ok(())
    }
}
#[cfg(feature = "mail")]
const _: () = {
    fn fresh() -> MagicLink {
        <MagicLink as ::core::default::Default>::default()
    }
    #[allow(non_camel_case_types, reason = "it has the function's name")]
    #[derive(::core::default::Default)]
    struct __send {}
    #[::vestibule::__private::async_trait]
    #[allow(unused_variables, reason = "there are methods without arguments")]
    impl ::vestibule::__private::Answers<::vestibule::__private::InvokeService>
    for __send {
        async fn answer(
            &self,
            event: ::vestibule::__private::InvokeService,
            ctx: &::vestibule::__private::Context,
        ) -> ::vestibule::__private::Result<::vestibule::__private::Json> {
            let arguments = event.arguments::<__send>()?;
            let ctx = ::vestibule::__private::shape::context::<Context>()(ctx);
            let service = fresh();
            let answer = <MagicLink>::send(
                    &service,
                    (::vestibule::__private::shape::argument::<String>()
                        .hand_over)(&arguments.0),
                    (::vestibule::__private::shape::argument::<Option<String>>()
                        .hand_over)(&arguments.1),
                    ctx,
                )
                .await;
            ::vestibule::__private::shape::method::<Result<()>>()(answer)
        }
    }
    #[allow(unused_variables, reason = "there are methods without arguments")]
    impl ::vestibule::__private::ServiceMethod for __send {
        const INFO: ::vestibule::__private::MethodInfo = ::vestibule::__private::MethodInfo {
            verb: ::vestibule::__private::Verb::Post,
            path: "/send",
            access: ::vestibule::__private::CallableBy::Anyone,
            parameters: &[
                ::vestibule::__private::ParameterInfo {
                    name: "email",
                    place: ::vestibule::__private::ParameterPlace::Named,
                    required: true,
                    kind: ::vestibule::__private::ParameterKind::Text,
                },
                ::vestibule::__private::ParameterInfo {
                    name: "language",
                    place: ::vestibule::__private::ParameterPlace::Named,
                    required: false,
                    kind: ::vestibule::__private::ParameterKind::Text,
                },
            ],
            description: "Mails a link.\n\nOnce a minute, and no more.",
        };
        type Arguments = (String, Option<String>);
        fn read(
            reader: &mut ::vestibule::__private::ArgumentReader<'_>,
        ) -> ::vestibule::__private::Result<Self::Arguments> {
            ::core::result::Result::Ok((
                (::vestibule::__private::shape::argument::<String>()
                    .named)(reader, "email")?,
                (::vestibule::__private::shape::argument::<Option<String>>()
                    .named)(reader, "language")?,
            ))
        }
        fn describe(arguments: &Self::Arguments) -> ::vestibule::__private::Json {
            <::vestibule::__private::Json as ::core::iter::FromIterator<
                (&str, ::vestibule::__private::Json),
            >>::from_iter([
                (
                    "email",
                    (::vestibule::__private::shape::argument::<String>()
                        .describe)(&arguments.0),
                ),
                (
                    "language",
                    (::vestibule::__private::shape::argument::<Option<String>>()
                        .describe)(&arguments.1),
                ),
            ])
        }
    }
    #[cfg(feature = "support")]
    #[allow(non_camel_case_types, reason = "it has the function's name")]
    #[derive(::core::default::Default)]
    struct __link {}
    #[cfg(feature = "support")]
    #[::vestibule::__private::async_trait]
    #[allow(unused_variables, reason = "there are methods without arguments")]
    impl ::vestibule::__private::Answers<::vestibule::__private::InvokeService>
    for __link {
        async fn answer(
            &self,
            event: ::vestibule::__private::InvokeService,
            ctx: &::vestibule::__private::Context,
        ) -> ::vestibule::__private::Result<::vestibule::__private::Json> {
            let arguments = event.arguments::<__link>()?;
            let ctx = ::vestibule::__private::shape::context::<Context>()(ctx);
            let service = fresh();
            let answer = <MagicLink>::link(
                    &service,
                    (::vestibule::__private::shape::argument::<u32>()
                        .hand_over)(&arguments.0),
                    (::vestibule::__private::shape::argument::<MagicLink::Kind>()
                        .hand_over)(&arguments.1),
                    ctx,
                )
                .await;
            ::vestibule::__private::shape::method::<Result<MagicLink>>()(answer)
        }
    }
    #[cfg(feature = "support")]
    #[allow(unused_variables, reason = "there are methods without arguments")]
    impl ::vestibule::__private::ServiceMethod for __link {
        const INFO: ::vestibule::__private::MethodInfo = ::vestibule::__private::MethodInfo {
            verb: ::vestibule::__private::Verb::Get,
            path: "/links/{id}",
            access: ::vestibule::__private::CallableBy::Role("Support"),
            parameters: &[
                ::vestibule::__private::ParameterInfo {
                    name: "id",
                    place: ::vestibule::__private::ParameterPlace::Path,
                    required: true,
                    kind: ::vestibule::__private::ParameterKind::Integer,
                },
                ::vestibule::__private::ParameterInfo {
                    name: "type",
                    place: ::vestibule::__private::ParameterPlace::Named,
                    required: true,
                    kind: ::vestibule::__private::ParameterKind::Any,
                },
            ],
            description: "",
        };
        type Arguments = (u32, MagicLink::Kind);
        fn read(
            reader: &mut ::vestibule::__private::ArgumentReader<'_>,
        ) -> ::vestibule::__private::Result<Self::Arguments> {
            ::core::result::Result::Ok((
                (::vestibule::__private::shape::argument::<u32>().path)(reader, "id")?,
                (::vestibule::__private::shape::argument::<MagicLink::Kind>()
                    .named)(reader, "type")?,
            ))
        }
        fn describe(arguments: &Self::Arguments) -> ::vestibule::__private::Json {
            <::vestibule::__private::Json as ::core::iter::FromIterator<
                (&str, ::vestibule::__private::Json),
            >>::from_iter([
                (
                    "id",
                    (::vestibule::__private::shape::argument::<u32>()
                        .describe)(&arguments.0),
                ),
                (
                    "type",
                    (::vestibule::__private::shape::argument::<MagicLink::Kind>()
                        .describe)(&arguments.1),
                ),
            ])
        }
    }
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
            |registry, meta| {
                registry
                    .service(
                        meta,
                        "magic-link",
                        |methods| {
                            methods
                                .method::<
                                    __send,
                                >(::vestibule::__private::Meta {
                                    path: ::core::concat!(
                                        ::core::module_path!(), "::MagicLink::send"
                                    ),
                                    phase: ::vestibule::__private::Phase::Service,
                                    table: ::core::option::Option::None,
                                    order: 0i32,
                                    runs_before: &[],
                                    runs_after: &[],
                                    timeout: ::core::time::Duration::new(10u64, 0u32),
                                    on_failure: ::vestibule::__private::OnFailure::Closed,
                                    disable_after: ::core::option::Option::None,
                                    file: ::core::file!(),
                                    line: ::core::line!(),
                                });
                            #[cfg(feature = "support")]
                            methods
                                .method::<
                                    __link,
                                >(::vestibule::__private::Meta {
                                    path: ::core::concat!(
                                        ::core::module_path!(), "::MagicLink::link"
                                    ),
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
                                });
                        },
                    );
            },
        );
    }
    ::vestibule::__private::inventory::submit! {
        < MagicLink as ::vestibule::__private::Handler > ::REGISTRATION
    }
};
