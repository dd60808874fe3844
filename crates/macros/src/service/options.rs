//! What stands in the parentheses of `#[service(..)]` and of the verbs.

use proc_macro2::{Ident, TokenStream};
use syn::{Attribute, Error, LitStr, Meta, Result};

use crate::{
    access,
    attr::{self, Part, given_twice, split_at_commas, wrong},
    mistakes::Mistakes,
    name,
};

/// What messages suggest.
pub(super) const SERVICE: &str = "`#[service(\"magic-link\")]`";

/// The options of a service; what was not given has its default.
#[derive(Default)]
pub(crate) struct ServiceOptions {
    /// None if it is missing or impossible.
    pub(super) name: Option<String>,
    /// Those that every handler has.
    pub(super) handler: attr::Options,
    /// Whether a name was given, be it a name or not.
    pub(super) is_named: bool,
    given: Vec<Ident>,
}

/// The options of a method; what was not given has its default.
#[derive(Default)]
pub(crate) struct MethodOptions {
    pub(super) path: Option<LitStr>,
    /// The variant of `CallableBy`; none if it is missing or impossible.
    pub(super) access: Option<TokenStream>,
    /// Those that every handler has.
    pub(super) handler: attr::Options,
    given: Vec<Ident>,
}

impl ServiceOptions {
    /// Reads what can be read, and reports the rest.
    pub(crate) fn parse(tokens: TokenStream, mistakes: &mut Mistakes) -> Self {
        let mut options = Self::default();
        for (at, part) in split_at_commas(tokens).into_iter().enumerate() {
            if let Err(mistake) = options.take(at, part) {
                mistakes.add(mistake);
            }
        }
        options
    }

    fn take(&mut self, at: usize, part: TokenStream) -> Result<()> {
        let Ok(Part { name, value }) = syn::parse2::<Part>(part.clone()) else {
            if at > 0 {
                let text = format!("expected `collect = false`, after the name: {SERVICE}");
                return Err(Error::new_spanned(part, text));
            }
            self.is_named = true;
            let name = syn::parse2::<LitStr>(part.clone()).map(|name| name.value());
            let name = name.ok().filter(|name| name::is_name(name));
            let text = format!("the name of a service is {}, like {SERVICE}", name::FORM);
            self.name = Some(name.ok_or_else(|| Error::new_spanned(part, text))?);
            return Ok(());
        };
        if self.given.contains(&name) {
            return Err(given_twice(&name));
        }
        self.given.push(name.clone());
        if name != "collect" {
            let text =
                format!("unknown option `{name}`; besides its name, a service has `collect`");
            return Err(Error::new(name.span(), text));
        }
        self.handler.do_not_collect = !attr::collect(value, &name)?;
        Ok(())
    }
}

impl MethodOptions {
    /// Reads what can be read of an attribute like `#[post("/send", access = user)]`, and reports the
    /// rest. `verb` is its name.
    pub(super) fn parse(verb: &Ident, attribute: &Attribute, mistakes: &mut Mistakes) -> Self {
        let form = form(verb);
        let tokens = match &attribute.meta {
            Meta::List(list) => list.tokens.clone(),
            Meta::Path(_) => TokenStream::new(),
            Meta::NameValue(_) => {
                mistakes.at(attribute, format!("write {form}"));
                return Self {
                    given: vec![Ident::new("access", verb.span())],
                    ..Self::default()
                };
            }
        };
        let mut options = Self::default();
        for (at, part) in split_at_commas(tokens).into_iter().enumerate() {
            if let Err(mistake) = options.take(at, part, &form) {
                mistakes.add(mistake);
            }
        }
        options
    }

    pub(super) fn is_given(&self, name: &str) -> bool {
        self.given.iter().any(|given| given == name)
    }

    fn take(&mut self, at: usize, part: TokenStream, form: &str) -> Result<()> {
        let Ok(Part { name, value }) = syn::parse2::<Part>(part.clone()) else {
            let path = syn::parse2::<LitStr>(part.clone()).ok();
            if at > 0 || path.is_none() {
                return Err(Error::new_spanned(part, format!("write {form}")));
            }
            self.path = path;
            return Ok(());
        };
        if self.given.contains(&name) {
            return Err(given_twice(&name));
        }
        // Also if its value is wrong: somebody wanted it.
        self.given.push(name.clone());
        match name.to_string().as_str() {
            "access" => {
                let access = access::read(value.clone());
                let form = access::form("the method");
                self.access = Some(access.map_err(|_| wrong(value, &name, &form))?);
            }
            "timeout" => self.handler.timeout = Some(attr::timeout(value, &name)?),
            _ => {
                let text = format!("unknown option `{name}`; write {form}");
                return Err(Error::new(name.span(), text));
            }
        }
        Ok(())
    }
}

/// How a verb is written.
pub(super) fn form(verb: &Ident) -> String {
    format!("`#[{verb}(\"/path\", access = .., timeout = \"..\")]`")
}
