//! The rule against a naive model that takes one row and walks the layers one after the other.

use vestibule_model::{Randomness, SeededRandomness};
use vestibule_storage::Comparison;

use super::*;

/// What there is to know of one row.
#[derive(Clone, Debug, Default)]
struct Row {
    owner: Option<&'static str>,
    own: Said,
}

/// What is said, to whom.
type Said = Vec<(Grantee, Access)>;

/// Everything that a decision depends on.
#[derive(Clone, Debug)]
struct Case {
    user: Option<ObjectId>,
    custom_roles: Vec<String>,
    system_roles: Vec<Role>,
    operation: PermissionOperation,
    table: Said,
    data: Said,
    record_permissions: bool,
    base: Rows,
}

impl Case {
    /// Ann, a registered user with the role Support, wants to find.
    fn ann() -> Self {
        Self {
            user: Some(id("ann")),
            custom_roles: vec!["Support".to_owned()],
            system_roles: vec![Role::AuthenticatedUser, Role::JsUser],
            operation: PermissionOperation::Find,
            table: Vec::new(),
            data: Vec::new(),
            record_permissions: true,
            base: Rows::Nothing,
        }
    }

    fn rows(&self) -> Rows {
        rows(Question {
            subject: Subject {
                user: self.user.as_ref(),
                custom_roles: &self.custom_roles,
                system_roles: &self.system_roles,
            },
            operation: self.operation,
            table: &cells(&self.table),
            data: &cells(&self.data),
            record_permissions: self.record_permissions,
            base: self.base.clone(),
        })
    }

    fn permits(&self, row: &Row) -> bool {
        is_among(&self.rows(), row)
    }
}

fn id(text: &str) -> ObjectId {
    ObjectId::parse(text).unwrap()
}

fn cells(said: &Said) -> Cells {
    let mut cells = Cells::new();
    for (grantee, access) in said {
        cells.put(grantee, *access);
    }
    cells
}

/// The naive model: nine layers, the first that says anything decides.
fn expected(case: &Case, row: &Row) -> bool {
    let user: Vec<_> = case.user.iter().cloned().map(Grantee::User).collect();
    let custom: Vec<_> = case.custom_roles.iter().map(|name| role(name)).collect();
    let system = case.system_roles.iter().map(|name| role(name.as_str()));
    let system: Vec<_> = system.collect();
    let of_records = PermissionOperation::OF_RECORDS.contains(&case.operation);
    let silent = Said::new();
    let own = match case.record_permissions && of_records {
        true => &row.own,
        false => &silent,
    };
    let is_owner = case.user.is_some() && row.owner == case.user.as_ref().map(ObjectId::as_str);
    let owner = match is_owner && has_rows(case.operation) {
        true => vec![Grantee::Owner],
        false => Vec::new(),
    };
    let layers = [
        say(own, &user, Some(Grantee::AllUsers)),
        say(own, &custom, Some(Grantee::AllRoles)),
        say(&case.table, &user, Some(Grantee::AllUsers)),
        say(&case.table, &custom, Some(Grantee::AllRoles)),
        say(&case.table, &owner, None),
        say(own, &system, Some(Grantee::AllRoles)),
        say(&case.table, &system, Some(Grantee::AllRoles)),
        say(&case.data, &custom, None),
        say(&case.data, &system, None),
    ];
    match layers.into_iter().flatten().next() {
        Some(access) => access == Access::Grant,
        None => is_among(&case.base, row),
    }
}

/// What one layer says: no before yes, those who are named before all.
fn say(said: &Said, named: &[Grantee], all: Option<Grantee>) -> Option<Access> {
    if named.is_empty() {
        return None;
    }
    let of = |grantee: &Grantee| said.iter().find(|(other, _)| other == grantee);
    let words: Vec<_> = named.iter().filter_map(of).map(|said| said.1).collect();
    match words.first() {
        Some(_) if words.contains(&Access::Deny) => Some(Access::Deny),
        Some(_) => Some(Access::Grant),
        None => all.and_then(|all| of(&all)).map(|said| said.1),
    }
}

fn is_among(rows: &Rows, row: &Row) -> bool {
    match rows {
        Rows::All => true,
        Rows::Nothing => false,
        Rows::Where(condition) => truth(condition, row) == Some(true),
    }
}

/// A condition as a database reads it: true, false or unknown.
fn truth(condition: &Condition, row: &Row) -> Option<bool> {
    let all = |conditions: &[Condition], stop: bool| {
        let truths: Vec<_> = conditions.iter().map(|inner| truth(inner, row)).collect();
        match truths.contains(&Some(stop)) {
            true => Some(stop),
            false => (!truths.contains(&None)).then_some(!stop),
        }
    };
    match condition {
        Condition::All(conditions) => all(conditions, false),
        Condition::Any(conditions) => all(conditions, true),
        Condition::Not(inner) => truth(inner, row).map(|truth| !truth),
        Condition::IsNull(Operand::Column(column)) if column == "ownerId" => {
            Some(row.owner.is_none())
        }
        Condition::Compare(
            Operand::Column(column),
            Comparison::Equal,
            Operand::Value(vestibule_model::Value::Text(owner)),
        ) if column == "ownerId" => row.owner.map(|other| other == &**owner),
        Condition::Permits {
            grantees, access, ..
        } => {
            let says =
                |(grantee, said): &(Grantee, Access)| said == access && grantees.contains(grantee);
            Some(row.own.iter().any(says))
        }
        other => panic!("nothing of this kind decides who may do what: {other:?}"),
    }
}

fn opposite(access: Access) -> Access {
    match access {
        Access::Grant => Access::Deny,
        Access::Deny => Access::Grant,
    }
}

#[test]
fn each_layer_comes_before_those_below_it() {
    let ann = || Grantee::User(id("ann"));
    let support = || role("Support");
    let system = || role("JSUser");
    #[derive(Clone, Copy)]
    enum Of {
        Record,
        Table,
        Data,
    }
    let layers = [
        (Of::Record, ann()),
        (Of::Record, Grantee::AllUsers),
        (Of::Record, support()),
        (Of::Record, Grantee::AllRoles),
        (Of::Table, ann()),
        (Of::Table, Grantee::AllUsers),
        (Of::Table, support()),
        (Of::Table, Grantee::AllRoles),
        (Of::Table, Grantee::Owner),
        (Of::Record, system()),
        (Of::Table, system()),
        (Of::Data, support()),
        (Of::Data, system()),
    ];
    for at in 0..layers.len() {
        for access in [Access::Grant, Access::Deny] {
            let mut case = Case {
                base: match access {
                    Access::Grant => Rows::Nothing,
                    Access::Deny => Rows::All,
                },
                ..Case::ann()
            };
            let mut row = Row {
                owner: Some("ann"),
                own: Vec::new(),
            };
            for (below, (of, grantee)) in layers.iter().enumerate().skip(at) {
                let said = match below == at {
                    true => access,
                    false => opposite(access),
                };
                let said = (grantee.clone(), said);
                match of {
                    Of::Record => row.own.push(said),
                    Of::Table => case.table.push(said),
                    Of::Data => case.data.push(said),
                }
            }
            let (_, grantee) = &layers[at];
            assert_eq!(
                access == Access::Grant,
                case.permits(&row),
                "{at} {grantee:?}"
            );
        }
    }
}

#[test]
fn where_nothing_is_said_the_base_decides() {
    for base in [Rows::All, Rows::Nothing, Rows::owned_by(&id("ann"))] {
        let case = Case {
            record_permissions: false,
            base: base.clone(),
            ..Case::ann()
        };
        assert_eq!(base, case.rows());
    }
}

#[test]
fn of_several_roles_that_disagree_the_one_that_may_not_decides() {
    let said = vec![
        (role("AuthenticatedUser"), Access::Grant),
        (role("JSUser"), Access::Deny),
        (Grantee::AllRoles, Access::Grant),
    ];
    let case = Case {
        table: said,
        base: Rows::All,
        custom_roles: Vec::new(),
        ..Case::ann()
    };
    assert!(!case.permits(&Row::default()));
}

#[test]
fn what_is_said_of_one_by_name_comes_before_what_is_said_of_all() {
    let case = Case {
        table: vec![
            (Grantee::User(id("ann")), Access::Grant),
            (Grantee::AllUsers, Access::Deny),
        ],
        ..Case::ann()
    };
    assert_eq!(
        Rows::All,
        Case {
            record_permissions: false,
            ..case
        }
        .rows()
    );
}

#[test]
fn all_users_are_those_who_are_logged_in() {
    let table = vec![(Grantee::AllUsers, Access::Grant)];
    let anonymous = Case {
        user: None,
        custom_roles: Vec::new(),
        system_roles: vec![Role::NotAuthenticatedUser, Role::JsUser],
        record_permissions: false,
        table,
        ..Case::ann()
    };
    assert_eq!(Rows::Nothing, anonymous.rows());
}

#[test]
fn the_owner_policy_alone_is_a_question_that_an_index_answers() {
    let case = Case {
        table: vec![
            (Grantee::Owner, Access::Grant),
            (role("AuthenticatedUser"), Access::Deny),
        ],
        record_permissions: false,
        base: Rows::All,
        ..Case::ann()
    };
    assert_eq!(Rows::owned_by(&id("ann")), case.rows());
}

#[test]
fn an_owner_who_may_not_leaves_the_records_without_an_owner_to_be_found() {
    let case = Case {
        table: vec![(Grantee::Owner, Access::Deny)],
        base: Rows::All,
        ..Case::ann()
    };
    assert!(case.permits(&Row::default()));
    let owned = Row {
        owner: Some("ann"),
        ..Row::default()
    };
    assert!(!case.permits(&owned));
}

#[test]
fn records_say_nothing_of_making_or_relating_them() {
    let operations = PermissionOperation::OF_DATA.into_iter();
    let others = operations.filter(|other| !PermissionOperation::OF_RECORDS.contains(other));
    for operation in others {
        let case = Case {
            operation,
            ..Case::ann()
        };
        assert_eq!(Rows::Nothing, case.rows(), "{operation}");
    }
}

#[test]
fn what_exists_not_yet_is_owned_by_nobody() {
    for operation in [
        PermissionOperation::Add,
        PermissionOperation::Upsert,
        PermissionOperation::Describe,
    ] {
        let case = Case {
            operation,
            table: vec![(Grantee::Owner, Access::Grant)],
            ..Case::ann()
        };
        assert_eq!(Rows::Nothing, case.rows(), "{operation}");
    }
}

/// Cases of one seed.
const CASES: usize = 4_000;

#[test]
fn the_rule_says_what_a_naive_model_says_of_single_rows() {
    for seed in 1..=3 {
        let dice = Dice(SeededRandomness::new(seed));
        for number in 0..CASES {
            let case = dice.case();
            for _ in 0..4 {
                let row = dice.row();
                assert_eq!(
                    expected(&case, &row),
                    case.permits(&row),
                    "seed {seed}, case {number}: {row:#?} {case:#?} {:#?}",
                    case.rows()
                );
            }
        }
    }
}

struct Dice(SeededRandomness);

impl Dice {
    fn below(&self, end: usize) -> usize {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        u32::from_le_bytes(bytes) as usize % end
    }

    fn pick<T: Clone>(&self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }

    fn case(&self) -> Case {
        let user = self.pick(&[None, Some(id("ann")), Some(id("ben"))]);
        let custom: &[&[&str]] = match user {
            None => &[&[]],
            Some(_) => &[&[], &["Support"], &["Support", "Boss"]],
        };
        let custom = self.pick(custom).iter().map(|name| (*name).to_owned());
        let own_role = self.pick(&[Role::AuthenticatedUser, Role::GuestUser]);
        let key = self.pick(&[Role::JsUser, Role::ServerCodeUser]);
        let base = match &user {
            Some(user) => Rows::owned_by(user),
            None => Rows::Nothing,
        };
        Case {
            system_roles: match user {
                Some(_) => vec![own_role, key],
                None => vec![Role::NotAuthenticatedUser, Role::JsUser],
            },
            custom_roles: custom.collect(),
            user,
            operation: self.pick(&PermissionOperation::OF_DATA),
            table: self.said(3),
            data: self.said(3).into_iter().filter(is_of_role).collect(),
            record_permissions: self.below(4) > 0,
            base: self.pick(&[Rows::All, base.clone(), base]),
        }
    }

    fn row(&self) -> Row {
        let own = self.said(2).into_iter();
        Row {
            owner: self.pick(&[None, Some("ann"), Some("ben")]),
            own: own.filter(|(who, _)| *who != Grantee::Owner).collect(),
        }
    }

    /// Words to some grantees, one in so many.
    fn said(&self, one_in: usize) -> Said {
        let roles = [
            "AuthenticatedUser",
            "NotAuthenticatedUser",
            "JSUser",
            "Support",
            "Boss",
        ];
        let grantees = roles.into_iter().map(role).chain([
            Grantee::AllRoles,
            Grantee::User(id("ann")),
            Grantee::User(id("ben")),
            Grantee::AllUsers,
            Grantee::Owner,
        ]);
        let some = grantees.filter(|_| self.below(one_in) == 0);
        some.map(|who| (who, self.pick(&[Access::Grant, Access::Deny])))
            .collect()
    }
}

#[test]
fn where_records_say_nothing_nobody_is_named_and_nothing_is_allocated_for_it() {
    let ann = Case::ann();
    let asked = |record_permissions, operation| Question {
        subject: Subject {
            user: ann.user.as_ref(),
            custom_roles: &ann.custom_roles,
            system_roles: &ann.system_roles,
        },
        operation,
        table: Cells::SILENT,
        data: Cells::SILENT,
        record_permissions,
        base: Rows::All,
    };
    for question in [
        asked(false, PermissionOperation::Find),
        asked(true, PermissionOperation::Add),
    ] {
        let nobody = std::iter::from_fn(|| panic!("somebody is named"));
        assert!(matches!(question.own(nobody), Layer::Silent));
        assert_eq!(Rows::All, rows(question));
    }
}

fn is_of_role((grantee, _): &(Grantee, Access)) -> bool {
    matches!(grantee, Grantee::Role(_))
}
