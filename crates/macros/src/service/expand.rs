//! Writes what rustc gets: the user's own impl, and what makes a service of it.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Index, Type};

use super::{
    ast::Block,
    kind::{is_option, kind},
    parameters::{Parameter, Source},
    valid::{Method, Service},
};
use crate::{
    expand::registration::{meta_of, registration, submit},
    mistakes::Mistakes,
    name,
    valid::{conditions, said},
};

/// A service of which nothing is wrong.
pub(super) fn service(service: &Service<'_>, block: &Block) -> TokenStream {
    let Service {
        name, ty, ident, ..
    } = service;
    let conditions = &service.conditions;
    let path = said(ident);
    let of_methods = service.methods.iter().map(|one| method(one, ty));
    let added = service.methods.iter().map(|method| {
        let (marker, conditions) = (marker(method.ident), &method.conditions);
        let path = format!("{path}::{}", said(method.ident));
        let meta = meta(&path, &method.options, method.ident);
        quote_spanned!(Span::mixed_site()=> #(#conditions)* methods.method::<#marker>(#meta);)
    });
    let install = quote_spanned! {Span::mixed_site()=>
        |registry, meta| { registry.service(meta, #name, |methods| { #(#added)* }); }
    };
    let ty = quote!(#ty);
    let meta = meta(&path, service.options, ident);
    let registration = registration(&ty, &meta, &install);
    let submit = (!service.options.do_not_collect).then(|| submit(&ty));
    quote_spanned! {Span::mixed_site()=>
        #block
        #(#conditions)*
        const _: () = {
            // The one place that complains if there is no `Default`.
            fn fresh() -> #ty {
                <#ty as ::core::default::Default>::default()
            }
            #(#of_methods)*
            #registration
            #submit
        };
    }
}

/// What is left of a service with mistakes: the user's impl, and a service that has no methods, so
/// that nobody complains about the lack of it elsewhere.
pub(super) fn fallback(block: &Block, mistakes: &Mistakes) -> TokenStream {
    let ident = crate::valid::type_name("a service", &block.ty, &mut Mistakes::default());
    let registration = ident
        .filter(|_| block.generics.params.is_empty())
        .map(|ident| {
            let (ty, conditions) = (block.ty.to_token_stream(), conditions(&block.attributes));
            let meta = meta(&said(ident), &crate::attr::Options::default(), ident);
            let registration = registration(&ty, &meta, &quote!(|_, _| {}));
            quote!(#(#conditions)* const _: () = { #registration };)
        });
    quote!(#mistakes #block #registration)
}

fn meta(path: &str, options: &crate::attr::Options, name: &Ident) -> TokenStream {
    meta_of(
        &quote!(Service),
        &quote!(DEFAULT_TIMEOUT),
        path,
        options,
        name,
    )
}

/// The type that stands for a method. It has a name that no type of the user's has, since theirs
/// are mentioned beside it.
fn marker(method: &Ident) -> Ident {
    format_ident!("__{}", said(method), span = Span::mixed_site())
}

/// What the engine calls in the function's stead.
fn method(method: &Method<'_>, ty: &Type) -> TokenStream {
    let own = quote!(::vestibule::__private);
    let (marker, conditions) = (marker(method.ident), &method.conditions);
    let info = info(method);
    let types: Vec<_> = method
        .parameters
        .iter()
        .map(|one| without_self(one.ty, ty))
        .collect();
    // Each argument passes through a check that is told the author's own type.
    let checked: Vec<_> = types
        .iter()
        .map(|of| quote_spanned!(Span::mixed_site()=> #own::shape::argument::<#of>()))
        .collect();
    let adapter = adapter(method, ty, &marker, &checked);
    let read = method.parameters.iter().zip(&checked).map(|(one, of)| {
        let name = &one.name;
        let from = match one.source {
            Source::Path => quote!(path),
            Source::Named => quote!(named),
            Source::Body => quote!(body),
        };
        quote_spanned!(Span::mixed_site()=> (#of.#from)(reader, #name)?,)
    });
    let described = method
        .parameters
        .iter()
        .zip(&checked)
        .enumerate()
        .map(|(at, (one, of))| {
            let (name, at) = (&one.name, Index::from(at));
            quote_spanned!(Span::mixed_site()=> (#name, (#of.describe)(&arguments.#at)),)
        });
    quote_spanned! {Span::mixed_site()=>
        #(#conditions)*
        #[allow(non_camel_case_types, reason = "it has the function's name")]
        #[derive(::core::default::Default)]
        struct #marker {}

        #(#conditions)*
        #adapter

        #(#conditions)*
        #[allow(unused_variables, reason = "there are methods without arguments")]
        impl #own::ServiceMethod for #marker {
            const INFO: #own::MethodInfo = #info;
            type Arguments = (#(#types,)*);

            fn read(reader: &mut #own::ArgumentReader<'_>) -> #own::Result<Self::Arguments> {
                ::core::result::Result::Ok((#(#read)*))
            }

            fn describe(arguments: &Self::Arguments) -> #own::Json {
                <#own::Json as ::core::iter::FromIterator<(&str, #own::Json)>>::from_iter([
                    #(#described)*
                ])
            }
        }
    }
}

/// The impl that calls the function. Its context and its answer pass through a check, too. Other
/// complaints about it, that it cannot be sent between threads, say, belong to the function's name.
fn adapter(method: &Method<'_>, ty: &Type, marker: &Ident, checked: &[TokenStream]) -> TokenStream {
    let own = quote!(::vestibule::__private);
    let context = without_self(method.context, ty);
    let answer = without_self(method.answer, ty);
    let mut callee = method.ident.clone();
    callee.set_span(method.ident.span().located_at(Span::mixed_site()));
    let arguments = (0..checked.len()).map(Index::from);
    let place = Span::mixed_site().located_at(method.ident.span());
    quote_spanned! {place=>
        #[#own::async_trait]
        #[allow(unused_variables, reason = "there are methods without arguments")]
        impl #own::Answers<#own::InvokeService> for #marker {
            async fn answer(
                &self,
                event: #own::InvokeService,
                ctx: &#own::Context,
            ) -> #own::Result<#own::Json> {
                let arguments = event.arguments::<#marker>()?;
                let ctx = #own::shape::context::<#context>()(ctx);
                let service = fresh();
                let answer = <#ty>::#callee(
                    &service,
                    #((#checked.hand_over)(&arguments.#arguments),)*
                    ctx,
                )
                .await;
                #own::shape::method::<#answer>()(answer)
            }
        }
    }
}

fn info(method: &Method<'_>) -> TokenStream {
    let own = quote!(::vestibule::__private);
    let Method {
        path,
        access,
        description,
        ..
    } = method;
    let path = &path.text;
    let verb = Ident::new(&name::capitalized(&said(method.verb)), Span::mixed_site());
    let parameters = method.parameters.iter().map(|one| {
        let Parameter { name, ty, source } = one;
        let place = match source {
            Source::Path => quote!(Path),
            Source::Named => quote!(Named),
            Source::Body => quote!(Body),
        };
        let required = !is_option(ty);
        let kind = Ident::new(kind(ty), Span::mixed_site());
        quote_spanned! {Span::mixed_site()=>
            #own::ParameterInfo {
                name: #name,
                place: #own::ParameterPlace::#place,
                required: #required,
                kind: #own::ParameterKind::#kind,
            }
        }
    });
    quote_spanned! {Span::mixed_site()=>
        #own::MethodInfo {
            verb: #own::Verb::#verb,
            path: #path,
            access: #own::CallableBy::#access,
            parameters: &[#(#parameters),*],
            description: #description,
        }
    }
}

/// A type as it is called outside of the impl.
fn without_self(written: &Type, ty: &Type) -> TokenStream {
    replaced(written.to_token_stream(), &quote!(#ty))
}

fn replaced(tokens: TokenStream, ty: &TokenStream) -> TokenStream {
    let replaced = |token: TokenTree| match token {
        TokenTree::Ident(ident) if ident == "Self" => {
            let span = ident.span();
            let respanned = ty.clone().into_iter().map(|mut token| {
                token.set_span(span);
                token
            });
            respanned.collect()
        }
        TokenTree::Group(group) => {
            let mut inner =
                proc_macro2::Group::new(group.delimiter(), replaced(group.stream(), ty));
            inner.set_span(group.span());
            TokenStream::from(TokenTree::Group(inner))
        }
        other => TokenStream::from(other),
    };
    tokens.into_iter().map(replaced).collect()
}
