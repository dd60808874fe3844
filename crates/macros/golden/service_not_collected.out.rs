impl Rows {
    #[allow(
        clippy::needless_pass_by_value,
        clippy::too_many_arguments,
        clippy::trivially_copy_pass_by_ref,
        clippy::unnecessary_wraps,
        clippy::unused_async,
        clippy::unused_self,
        reason = "the shape of a method is not its author's choice"
    )]
    async fn import_rows(&self, mut rows: Vec<Row>, _ctx: &Context) -> Result<usize> {
        Ok(rows.len())
    }
}
const _: () = {
    fn fresh() -> Rows {
        <Rows as ::core::default::Default>::default()
    }
    #[allow(non_camel_case_types, reason = "it has the function's name")]
    #[derive(::core::default::Default)]
    struct __import_rows {}
    #[::vestibule::__private::async_trait]
    #[allow(unused_variables, reason = "there are methods without arguments")]
    impl ::vestibule::__private::Answers<::vestibule::__private::InvokeService>
    for __import_rows {
        async fn answer(
            &self,
            event: ::vestibule::__private::InvokeService,
            ctx: &::vestibule::__private::Context,
        ) -> ::vestibule::__private::Result<::vestibule::__private::Json> {
            let arguments = event.arguments::<__import_rows>()?;
            let ctx = ::vestibule::__private::shape::context::<Context>()(ctx);
            let service = fresh();
            let answer = <Rows>::import_rows(
                    &service,
                    (::vestibule::__private::shape::argument::<Vec<Row>>()
                        .hand_over)(&arguments.0),
                    ctx,
                )
                .await;
            ::vestibule::__private::shape::method::<Result<usize>>()(answer)
        }
    }
    #[allow(unused_variables, reason = "there are methods without arguments")]
    impl ::vestibule::__private::ServiceMethod for __import_rows {
        const INFO: ::vestibule::__private::MethodInfo = ::vestibule::__private::MethodInfo {
            verb: ::vestibule::__private::Verb::Put,
            path: "/importRows",
            access: ::vestibule::__private::CallableBy::Server,
            parameters: &[
                ::vestibule::__private::ParameterInfo {
                    name: "rows",
                    place: ::vestibule::__private::ParameterPlace::Body,
                    required: true,
                    kind: ::vestibule::__private::ParameterKind::List,
                },
            ],
            description: "",
        };
        type Arguments = (Vec<Row>,);
        fn read(
            reader: &mut ::vestibule::__private::ArgumentReader<'_>,
        ) -> ::vestibule::__private::Result<Self::Arguments> {
            ::core::result::Result::Ok((
                (::vestibule::__private::shape::argument::<Vec<Row>>()
                    .body)(reader, "rows")?,
            ))
        }
        fn describe(arguments: &Self::Arguments) -> ::vestibule::__private::Json {
            <::vestibule::__private::Json as ::core::iter::FromIterator<
                (&str, ::vestibule::__private::Json),
            >>::from_iter([
                (
                    "rows",
                    (::vestibule::__private::shape::argument::<Vec<Row>>()
                        .describe)(&arguments.0),
                ),
            ])
        }
    }
    impl ::vestibule::__private::Handler for Rows {
        const REGISTRATION: ::vestibule::__private::Registration = ::vestibule::__private::Registration::new(
            ::vestibule::__private::Meta {
                path: ::core::concat!(::core::module_path!(), "::Rows"),
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
                        "rows",
                        |methods| {
                            methods
                                .method::<
                                    __import_rows,
                                >(::vestibule::__private::Meta {
                                    path: ::core::concat!(
                                        ::core::module_path!(), "::Rows::import_rows"
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
};
