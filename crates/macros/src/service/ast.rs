//! What `#[service]` stands on, as it was written.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::{
    Attribute, FnArg, Generics, ImplItem, Path, Result, Signature, Token, Type, Visibility,
    parse::{Parse, ParseStream},
};

/// The attributes that make a method of a function.
const VERBS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// An impl block. Bodies of functions are not looked at, so that they may be unfinished: editors
/// expand attributes while somebody is typing.
pub(crate) struct Block {
    pub(crate) attributes: Vec<Attribute>,
    unsafety: Option<Token![unsafe]>,
    pub(crate) generics: Generics,
    /// The trait, if it is the impl of one.
    pub(crate) of_trait: Option<Path>,
    pub(crate) ty: Type,
    inner: Vec<Attribute>,
    pub(crate) items: Vec<Item>,
}

pub(crate) enum Item {
    Function(Box<Function>),
    /// Anything else.
    Other(TokenStream),
}

pub(crate) struct Function {
    /// Those that say which method it is.
    pub(crate) verbs: Vec<Attribute>,
    /// All others.
    pub(crate) attributes: Vec<Attribute>,
    visibility: Visibility,
    /// As it was written, except for what `bodies` has.
    pub(crate) signature: Signature,
    /// The attributes `#[body]`, by the position of their argument.
    pub(crate) bodies: Vec<(usize, Attribute)>,
    body: TokenStream,
}

impl Block {
    /// The functions that are methods of the service.
    pub(crate) fn methods(&self) -> impl Iterator<Item = &Function> {
        self.items.iter().filter_map(|item| match item {
            Item::Function(function) if !function.verbs.is_empty() => Some(&**function),
            _ => None,
        })
    }
}

/// The name of the verb, if this attribute is one.
pub(crate) fn verb(attribute: &Attribute) -> Option<&Ident> {
    let name = attribute.path().get_ident()?;
    VERBS.iter().any(|verb| name == verb).then_some(name)
}

impl Parse for Block {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let unsafety = input.parse()?;
        input.parse::<Token![impl]>()?;
        let mut generics: Generics = match input.peek(Token![<]) && !input.peek2(Token![<]) {
            true => input.parse()?,
            false => Generics::default(),
        };
        let first: Type = input.parse()?;
        let (of_trait, ty) = match input.parse::<Option<Token![for]>>()? {
            None => (None, first),
            Some(_) => {
                let path = syn::parse2(first.into_token_stream())?;
                (Some(path), input.parse()?)
            }
        };
        generics.where_clause = input.parse()?;
        let content;
        syn::braced!(content in input);
        let inner = content.call(Attribute::parse_inner)?;
        let mut items = Vec::new();
        while !content.is_empty() {
            items.push(content.parse()?);
        }
        Ok(Self {
            attributes,
            unsafety,
            generics,
            of_trait,
            ty,
            inner,
            items,
        })
    }
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let ahead = input.fork();
        if ahead.parse::<Head>().is_ok() {
            return Ok(Self::Function(Box::new(input.parse()?)));
        }
        let other: ImplItem = input.parse()?;
        Ok(Self::Other(other.into_token_stream()))
    }
}

/// What stands before the body of a function.
struct Head {
    attributes: Vec<Attribute>,
    visibility: Visibility,
    signature: Signature,
}

impl Parse for Head {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        Ok(Self {
            attributes: input.call(Attribute::parse_outer)?,
            visibility: input.parse()?,
            signature: input.parse()?,
        })
    }
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let Head {
            attributes,
            visibility,
            mut signature,
        } = input.parse()?;
        let (verbs, attributes): (Vec<_>, Vec<_>) = attributes
            .into_iter()
            .partition(|attribute| verb(attribute).is_some());
        let mut bodies = Vec::new();
        // `#[body]` of a function that is no method is for the compiler to complain about.
        if !verbs.is_empty() {
            for (at, argument) in signature.inputs.iter_mut().enumerate() {
                let attributes = match argument {
                    FnArg::Typed(argument) => &mut argument.attrs,
                    FnArg::Receiver(receiver) => &mut receiver.attrs,
                };
                let is_body = |one: &mut Attribute| one.path().is_ident("body");
                bodies.extend(attributes.extract_if(.., is_body).map(|one| (at, one)));
            }
        }
        let body = match input.parse::<Option<Token![;]>>()? {
            Some(end) => end.into_token_stream(),
            None => {
                let body: proc_macro2::Group = input.parse()?;
                body.into_token_stream()
            }
        };
        Ok(Self {
            verbs,
            attributes,
            visibility,
            signature,
            bodies,
            body,
        })
    }
}

/// Without what belongs to us.
impl ToTokens for Block {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self {
            attributes,
            unsafety,
            generics,
            of_trait,
            ty,
            inner,
            items,
        } = self;
        let (parameters, _, condition) = generics.split_for_impl();
        let of_trait = of_trait.as_ref().map(|path| quote!(#path for));
        tokens.extend(quote! {
            #(#attributes)*
            #unsafety impl #parameters #of_trait #ty #condition {
                #(#inner)*
                #(#items)*
            }
        });
    }
}

impl ToTokens for Item {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Function(function) => function.to_tokens(tokens),
            Self::Other(other) => tokens.extend(other.clone()),
        }
    }
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self {
            verbs,
            attributes,
            visibility,
            signature,
            body,
            ..
        } = self;
        let allowed = (!verbs.is_empty()).then(|| {
            quote! {
                #[allow(
                    clippy::needless_pass_by_value,
                    clippy::too_many_arguments,
                    clippy::trivially_copy_pass_by_ref,
                    clippy::unnecessary_wraps,
                    clippy::unused_async,
                    clippy::unused_self,
                    reason = "the shape of a method is not its author's choice"
                )]
            }
        });
        tokens.extend(quote!(#allowed #(#attributes)* #visibility #signature #body));
    }
}
