use jiff::civil::date;

use super::super::{Role, Who};
use super::*;

const TODAY: Date = date(2026, 11, 22);

fn person(grants: Vec<Held>) -> Principal {
    let who = Who::Person { account: "7".to_owned(), pseudonym: "F7".to_owned(), unit: None };
    Principal { who, party: "primaria".to_owned(), grants, narrowed_to: None }
}

fn built_in(role: &str) -> Held {
    Held::built_in(Grant::of(role, "primaria")).unwrap()
}

fn own(permissions: &[Permission]) -> Held {
    Held { grant: Grant::of("urbanism", "primaria"), permissions: permissions.iter().copied().collect() }
}

fn narrowed(mut held: Held, change: fn(&mut Grant)) -> Held {
    change(&mut held.grant);
    held
}

#[test]
fn an_administrator_gives_the_roles_of_the_institution_and_no_other() {
    let administrator = person(vec![built_in("administrator")]);
    for role in BuiltIn::ALL {
        let expected = match role {
            BuiltIn::Operator => Err(NotGiven::OfTheHub),
            BuiltIn::PartnerSystem => Err(NotGiven::OfPrograms),
            _ => Ok(()),
        };
        assert_eq!(may_give(&administrator, &built_in(role.as_str()), TODAY), expected, "{role:?}");
    }
    let both = person(vec![built_in("administrator"), built_in("operator")]);
    assert_eq!(may_give(&both, &built_in("operator"), TODAY), Ok(()));
    let elsewhere = Held::built_in(Grant::of("clerk", "alta-primarie")).unwrap();
    assert_eq!(may_give(&administrator, &elsewhere, TODAY), Err(NotGiven::NoRight));
}

#[test]
fn a_role_of_the_institution_is_given_where_nothing_in_it_is_the_hubs() {
    let administrator = person(vec![built_in("administrator")]);
    for permission in Permission::ALL.iter().copied() {
        let given = may_give(&administrator, &own(&[Permission::RegistersRead, permission]), TODAY);
        let people = BuiltIn::ALL[..6].iter().any(|role| role.holds(permission));
        let expected = if people { Ok(()) } else { Err(NotGiven::Permissions(vec![permission])) };
        assert_eq!(given, expected, "{permission}");
    }
    assert_eq!(beyond(&BuiltIn::Administrator.permissions()), vec![]);
    assert!(beyond(&BuiltIn::Operator.permissions()).contains(&Permission::HubKeys));
}

#[test]
fn who_may_not_give_gives_nothing() {
    let table = [
        ("a clerk", person(vec![built_in("clerk")])),
        ("who runs the hub and no institution", person(vec![built_in("operator")])),
        (
            "one whose right is over",
            person(vec![narrowed(built_in("administrator"), |grant| {
                grant.valid_to = Some(date(2026, 11, 21));
            })]),
        ),
        (
            "one whose right begins tomorrow",
            person(vec![narrowed(built_in("administrator"), |grant| {
                grant.valid_from = Some(date(2026, 11, 23));
            })]),
        ),
        (
            "an administrator of another institution",
            person(vec![narrowed(built_in("administrator"), |grant| {
                grant.party = "alta-primarie".to_owned();
            })]),
        ),
        (
            "one whose token does less",
            Principal {
                narrowed_to: Some(PermissionSet::NONE.with(Permission::AccountsRead)),
                ..person(vec![built_in("administrator")])
            },
        ),
    ];
    for (who, giver) in table {
        assert_eq!(may_give(&giver, &built_in("clerk"), TODAY), Err(NotGiven::NoRight), "{who}");
    }
}

#[test]
fn what_is_given_is_neither_wider_nor_longer_than_the_right() {
    let unit = |held: Held| narrowed(held, |grant| grant.units = vec!["urbanism".to_owned()]);
    let group = |held: Held| narrowed(held, |grant| grant.dossier_groups = vec!["II".to_owned()]);
    let below = |held: Held| narrowed(held, |grant| grant.dossier_groups = vec!["II/B/3".to_owned()]);
    let beside = |held: Held| narrowed(held, |grant| grant.dossier_groups = vec!["III".to_owned()]);
    let year = |held: Held| narrowed(held, |grant| grant.valid_to = Some(date(2026, 12, 31)));
    let longer = |held: Held| narrowed(held, |grant| grant.valid_to = Some(date(2027, 12, 31)));
    let (admin, clerk) = (|| built_in("administrator"), || built_in("clerk"));
    let table = [
        (vec![unit(admin())], unit(clerk()), Ok(())),
        (vec![unit(admin())], clerk(), Err(NotGiven::Wider(Dimension::Unit))),
        (vec![group(admin())], below(clerk()), Ok(())),
        (vec![group(admin())], beside(clerk()), Err(NotGiven::Wider(Dimension::DossierGroup))),
        (vec![year(admin())], year(clerk()), Ok(())),
        (vec![year(admin())], longer(clerk()), Err(NotGiven::Longer)),
        (vec![year(admin())], clerk(), Err(NotGiven::Longer)),
        // Two rights are not one wider right, but either may hold it.
        (vec![unit(admin()), group(admin())], clerk(), Err(NotGiven::Wider(Dimension::Unit))),
        (vec![unit(admin()), group(admin())], below(clerk()), Ok(())),
        (vec![unit(admin()), admin()], clerk(), Ok(())),
    ];
    for (number, (rights, wanted, expected)) in table.into_iter().enumerate() {
        assert_eq!(may_give(&person(rights), &wanted, TODAY), expected, "line {number}");
    }
}

#[test]
fn a_right_from_a_role_of_the_institution_counts_like_any_other() {
    let role = Role {
        id: "cadre".to_owned(),
        party: "primaria".to_owned(),
        name_ro: "resurse umane".to_owned(),
        name_en: "human resources".to_owned(),
        permissions: vec![Permission::GrantsManage],
        version: 1,
        withdrawn: false,
    };
    let giver =
        |role: &Role| person(vec![Held::of(Grant::of("cadre", "primaria"), std::slice::from_ref(role)).unwrap()]);
    assert_eq!(may_give(&giver(&role), &built_in("clerk"), TODAY), Ok(()));
    let withdrawn = Role { withdrawn: true, ..role.clone() };
    assert_eq!(Held::of(Grant::of("cadre", "primaria"), &[withdrawn]), None);
    let foreign = Role { party: "alta-primarie".to_owned(), ..role };
    assert_eq!(Held::of(Grant::of("cadre", "primaria"), &[foreign]), None);
}
