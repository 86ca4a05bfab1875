//! Terms in tables, and what must hold for every one of them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use hub_deadlines::{Calendar, Length, Most, NotExtended, Rule, Rules, Suspension, Term};
use jiff::civil::{Date, date};
use proptest::prelude::*;

fn rule(code: &str) -> Rule {
    Rules::romanian().get(code).unwrap().clone()
}

fn due(rule: &Rule, start: Date) -> Date {
    Term::of(rule, start).due(&Calendar::romanian()).unwrap()
}

#[test]
fn terms_end_on_the_day_the_law_has_for_them() {
    let cases = [
        ("petition", date(2026, 3, 2), date(2026, 4, 1)),
        // 11 April is a Saturday, the 12th and 13th are Easter.
        ("petition", date(2026, 3, 12), date(2026, 4, 14)),
        // Over the end of the year: 25 December is a holiday, then a weekend.
        ("petition", date(2026, 11, 25), date(2026, 12, 28)),
        // Whoever redirects has no use for a day more: 5 July 2026 is a Sunday.
        ("petition-misdirected", date(2026, 6, 30), date(2026, 7, 5)),
        ("public-information", date(2026, 11, 20), date(2026, 12, 2)),
        ("public-information-refusal", date(2026, 3, 2), date(2026, 3, 9)),
        // A month that begins on 31 January ends with February.
        ("gdpr", date(2027, 1, 31), date(2027, 3, 1)),
        ("gdpr", date(2028, 1, 31), date(2028, 2, 29)),
        ("gdpr", date(2026, 3, 2), date(2026, 4, 2)),
        ("social-inquiry", date(2026, 2, 2), date(2026, 3, 4)),
    ];
    for (code, start, end) in cases {
        assert_eq!(due(&rule(code), start), end, "{code} from {start}");
    }
}

#[test]
fn working_days_skip_holidays_and_days_off_by_decision() {
    let rule = Rule::plain("intern", Length::working_days(5), "dispoziție internă");
    // 1 May 2025 is a holiday, 2 May 2025 was given off.
    assert_eq!(due(&rule, date(2025, 4, 25)), date(2025, 5, 6));
}

#[test]
fn an_extension_ends_where_the_law_ends_it() {
    let calendar = Calendar::romanian();
    let petition = rule("petition");
    let start = date(2026, 3, 2);
    let today = (date(2026, 3, 20), None);
    let mut term = Term::of(&petition, start);
    assert_eq!(term.extend(&petition, Length::days(10), today, &calendar), Ok(date(2026, 4, 14)));
    let more = term.extend(&petition, Length::days(6), today, &calendar);
    assert_eq!(more, Err(NotExtended::TooFar { wanted: date(2026, 4, 17), most: date(2026, 4, 16) }));
    assert_eq!(term.extend(&petition, Length::days(5), today, &calendar), Ok(date(2026, 4, 16)));
    assert_eq!(term.extend(&petition, Length::days(0), today, &calendar), Err(NotExtended::Nothing));
    let late = term.extend(&petition, Length::days(1), (date(2026, 4, 17), None), &calendar);
    assert_eq!(late, Err(NotExtended::Over(date(2026, 4, 16))));
    let inquiry = rule("social-inquiry");
    let none = Term::of(&inquiry, start).extend(&inquiry, Length::days(1), today, &calendar);
    assert_eq!(none, Err(NotExtended::NoneAllowed("social-inquiry".to_owned())));
}

#[test]
fn information_is_given_in_thirty_days_only_where_the_applicant_was_told_in_ten() {
    let calendar = Calendar::romanian();
    let information = rule("public-information");
    let start = date(2026, 3, 2);
    let today = date(2026, 3, 10);
    let mut term = Term::of(&information, start);
    let by = date(2026, 3, 12);
    let untold = term.extend(&information, Length::days(20), (today, None), &calendar);
    assert_eq!(untold, Err(NotExtended::ToldTooLate { by }));
    let late = term.extend(&information, Length::days(20), (today, Some(date(2026, 3, 13))), &calendar);
    assert_eq!(late, Err(NotExtended::ToldTooLate { by }));
    let told = (today, Some(by));
    assert!(matches!(term.extend(&information, Length::days(21), told, &calendar), Err(NotExtended::TooFar { .. })));
    assert_eq!(term.extend(&information, Length::days(20), told, &calendar), Ok(date(2026, 4, 1)));
}

#[test]
fn a_month_and_two_months_are_three_months() {
    let calendar = Calendar::romanian();
    let gdpr = rule("gdpr");
    let mut term = Term::of(&gdpr, date(2026, 12, 31));
    let told = (date(2027, 1, 10), Some(date(2027, 1, 10)));
    assert_eq!(term.extend(&gdpr, Length::months(2), told, &calendar), Ok(date(2027, 3, 31)));
}

#[test]
fn days_of_a_suspension_do_not_count_and_the_day_of_resumption_does() {
    let calendar = Calendar::romanian();
    let mut term = Term::of(&rule("petition"), date(2026, 3, 2));
    term.suspend(date(2026, 3, 10));
    assert_eq!(term.paused().unwrap().since, date(2026, 3, 10));
    term.suspend(date(2026, 3, 12));
    term.resume(date(2026, 3, 15));
    assert_eq!(term.suspensions, [Suspension { from: date(2026, 3, 10), until: Some(date(2026, 3, 15)) }]);
    assert_eq!(term.due(&calendar), Ok(date(2026, 4, 6)));
    // What resumes before it stood takes no day.
    term.suspend(date(2026, 3, 20));
    term.resume(date(2026, 3, 1));
    assert_eq!(term.due(&calendar), Ok(date(2026, 4, 6)));
}

fn any_day() -> impl Strategy<Value = Date> {
    (2010i16..2100, 1i8..=12, 1i8..=28).prop_map(|(year, month, day)| date(year, month, day))
}

fn any_length() -> impl Strategy<Value = Length> {
    prop_oneof![
        (1u16..200).prop_map(Length::days),
        (1u16..120).prop_map(Length::working_days),
        (1u16..12).prop_map(Length::months),
    ]
}

fn term(start: Date, length: Length) -> Term {
    Term::of(&Rule::plain("x", length, "legea"), start)
}

proptest! {
    #[test]
    fn working_days_never_land_on_a_day_that_is_not_worked(start in any_day(), count in 1u32..300) {
        let calendar = Calendar::romanian();
        let end = calendar.add_working(start, count).unwrap();
        prop_assert!(calendar.is_working(end));
        // Every working day between is counted once.
        prop_assert_eq!(calendar.add_working(calendar.add_working(start, 1).unwrap(), count - 1), Ok(end));
    }

    #[test]
    fn a_term_ends_after_it_begins_and_on_a_working_day(start in any_day(), length in any_length()) {
        let calendar = Calendar::romanian();
        let end = term(start, length).due(&calendar).unwrap();
        prop_assert!(end > start);
        prop_assert!(calendar.is_working(end));
    }

    #[test]
    fn a_suspension_only_lengthens(start in any_day(), length in any_length(), after in 0i64..150, stood in 0i64..90) {
        let calendar = Calendar::romanian();
        let plain = term(start, length);
        let mut suspended = plain.clone();
        let from = start.saturating_add(jiff::Span::new().days(after));
        suspended.suspend(from);
        suspended.resume(from.saturating_add(jiff::Span::new().days(stood)));
        let (without, with) = (plain.due(&calendar).unwrap(), suspended.due(&calendar).unwrap());
        prop_assert!(with >= without);
        // What begins after the end takes nothing.
        if from > without {
            prop_assert_eq!(with, without);
        }
    }

    #[test]
    fn an_extension_never_passes_what_the_law_allows(start in any_day(), steps in prop::collection::vec(1u16..20, 1..6)) {
        let calendar = Calendar::romanian();
        let petition = rule("petition");
        let Some(Most::Further(most)) = petition.extension.as_ref().map(|one| one.most) else { panic!("the petition has it") };
        let mut longest = term(start, Length::days(30 + most.count));
        longest.last_day = petition.last_day;
        let mut held = Term::of(&petition, start);
        for step in steps {
            let before = held.due(&calendar).unwrap();
            let _ = held.extend(&petition, Length::days(step), (start, None), &calendar);
            prop_assert!(held.due(&calendar).unwrap() >= before);
        }
        prop_assert!(held.due(&calendar).unwrap() <= longest.due(&calendar).unwrap());
    }

    #[test]
    fn a_longer_term_never_ends_earlier(start in any_day(), length in any_length()) {
        let calendar = Calendar::romanian();
        let longer = Length { count: length.count + 1, ..length };
        prop_assert!(term(start, longer).due(&calendar).unwrap() >= term(start, length).due(&calendar).unwrap());
    }
}
