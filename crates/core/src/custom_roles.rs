use std::{ops::Deref, sync::Arc};

/// The roles that a user was given, those of the system left out: their names, in ascending order.
///
/// ```
/// use vestibule::prelude::*;
///
/// #[before(collect = false)]
/// async fn let_support_see_all(event: &mut Find, ctx: &Context) -> Result<Flow<Find>> {
///     if !ctx.call().custom_roles.iter().any(|role| role == "Support") {
///         event.query.page_size = Some(10);
///     }
///     Ok(Flow::Continue)
/// }
/// ```
///
/// They are a list of texts. Clones share it, and none takes memory where there are none, as with
/// most of the many sessions that a server has in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomRoles(Option<Arc<Vec<String>>>);

impl From<Vec<String>> for CustomRoles {
    fn from(names: Vec<String>) -> Self {
        Self((!names.is_empty()).then(|| Arc::new(names)))
    }
}

impl Deref for CustomRoles {
    type Target = [String];

    fn deref(&self) -> &[String] {
        self.0.as_ref().map_or(&[], |names| names.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_roles_are_no_roles_however_they_came() {
        assert_eq!(CustomRoles::default(), CustomRoles::from(Vec::new()));
        assert!(CustomRoles::default().is_empty());
        assert_eq!(["A"], *CustomRoles::from(vec!["A".to_owned()]));
    }

    #[test]
    fn they_take_one_word() {
        assert_eq!(size_of::<usize>(), size_of::<CustomRoles>());
    }
}
