//! `#[derive(CustomEvent)]`: what makes an event of a struct.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Attribute, Data, DeriveInput, Error, Fields, LitStr, Result, Type};

use crate::{
    access,
    attr::{Part, given_twice, split_at_commas, wrong},
    mistakes::Mistakes,
    name::{self, is_name},
};

const FORM: &str = "`#[event(name = \"..\", output = .., access = ..)]`";
const OUTPUT: &str = "`output` is a type, like `output = f64`; without it an event answers `()`";

/// What stands in `#[event(..)]`.
#[derive(Default)]
pub(crate) struct Options {
    name: Option<String>,
    output: Option<Type>,
    /// The variant of `CallableBy`.
    access: Option<TokenStream>,
    given: Vec<Ident>,
}

pub(crate) fn derive(item: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(item) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut mistakes = Mistakes::default();
    let options = judged(&input, &mut mistakes);
    // With mistakes, too, it is an event: else there would be complaints at its handlers as well.
    let is_event = input.generics.params.is_empty() && !matches!(input.data, Data::Union(_));
    let event = is_event.then(|| event(&input.ident, options));
    quote!(#mistakes #event)
}

/// What the attribute says; every mistake in it and in the struct is reported.
pub(crate) fn judged(input: &DeriveInput, mistakes: &mut Mistakes) -> Options {
    check_shape(input, mistakes);
    let options = Options::of(&input.attrs, mistakes);
    let ident = &input.ident;
    if !options.is_given("access") {
        mistakes.at(
            ident,
            format!("{}; write {FORM}", access::form("the event")),
        );
    }
    if !options.is_given("name") && !is_name(&name::of_type(ident)) {
        mistakes.at(
            ident,
            format!(
                "this is no name for an event; give it another: {}",
                name_form()
            ),
        );
    }
    options
}

fn event(ident: &Ident, options: Options) -> TokenStream {
    let own = quote!(::vestibule::__private);
    let name = options.name.unwrap_or_else(|| name::of_type(ident));
    let output = options.output.map_or_else(
        || quote_spanned!(ident.span()=> ()),
        |output| quote!(#output),
    );
    let access = options.access.unwrap_or_else(|| quote!(Server));
    // Complaints that it cannot be written as JSON belong to the struct.
    let event = quote_spanned! {ident.span()=>
        #[automatically_derived]
        #[allow(refining_impl_trait, reason = "the trait says no more than that it is written as JSON")]
        impl #own::Event for #ident {
            const NAME: &'static str = #name;
            type Output = #output;
            fn describe(&self) -> #own::Json {
                #own::describe_custom::<Self>(self)
            }
            fn describe_output(output: &Self::Output) -> #own::Json {
                #own::describe_custom_output::<Self>(output)
            }
        }
    };
    let custom_event = quote! {
        #[automatically_derived]
        impl #own::CustomEvent for #ident {
            const ACCESS: #own::CallableBy = #own::CallableBy::#access;
        }
    };
    quote!(#event #custom_event)
}

/// The arguments come as a JSON object, and what reads them knows fields by their names.
fn check_shape(input: &DeriveInput, mistakes: &mut Mistakes) {
    if !input.generics.params.is_empty() {
        mistakes.at(
            &input.generics,
            "an event has no parameters: it has one name; take them away",
        );
    }
    let ident = &input.ident;
    match &input.data {
        Data::Enum(_) => {}
        Data::Struct(data) => match &data.fields {
            Fields::Named(_) => {}
            Fields::Unit => {
                mistakes.at(
                    ident,
                    format!("arguments have names; write `struct {ident} {{}}`"),
                );
            }
            Fields::Unnamed(fields) => {
                mistakes.at(fields, "arguments have names; write `{ name: Type, .. }`");
            }
        },
        Data::Union(_) => mistakes.at(ident, "an event is a struct or an enum"),
    }
}

impl Options {
    /// Reads what can be read, and reports the rest.
    fn of(attributes: &[Attribute], mistakes: &mut Mistakes) -> Self {
        let mut options = Self::default();
        for attribute in attributes.iter().filter(|one| one.path().is_ident("event")) {
            let Ok(list) = attribute.meta.require_list() else {
                mistakes.at(attribute, format!("write {FORM}"));
                continue;
            };
            for part in split_at_commas(list.tokens.clone()) {
                let taken = match syn::parse2::<Part>(part.clone()) {
                    Ok(part) => options.take(part),
                    Err(_) => Err(Error::new_spanned(part, format!("write {FORM}"))),
                };
                if let Err(mistake) = taken {
                    mistakes.add(mistake);
                }
            }
        }
        options
    }

    fn is_given(&self, name: &str) -> bool {
        self.given.iter().any(|given| given == name)
    }

    fn take(&mut self, Part { name, value }: Part) -> Result<()> {
        if self.given.contains(&name) {
            return Err(given_twice(&name));
        }
        // Also if its value is wrong: somebody wanted it.
        self.given.push(name.clone());
        match name.to_string().as_str() {
            "name" => {
                let text = syn::parse2::<LitStr>(value.clone()).map(|text| text.value());
                let text = text.ok().filter(|text| is_name(text));
                self.name = Some(text.ok_or_else(|| wrong(value, &name, &name_form()))?);
            }
            "output" => {
                let output = syn::parse2(value.clone());
                self.output = Some(output.map_err(|_| wrong(value, &name, OUTPUT))?);
            }
            "access" => {
                let access = access::read(value.clone());
                let form = access::form("the event");
                self.access = Some(access.map_err(|_| wrong(value, &name, &form))?);
            }
            _ => {
                let text = format!("unknown option `{name}`; write {FORM}");
                return Err(Error::new(name.span(), text));
            }
        }
        Ok(())
    }
}

fn name_form() -> String {
    format!("`name` is {}", name::FORM)
}
