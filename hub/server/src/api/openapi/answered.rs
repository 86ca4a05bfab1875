//! What a handler answers, as its return type says it: for operations of which no story saw an answer yet.

use std::future::Future;

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;

use super::Operation;

/// Something a handler answers.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no answer a handler of the door is known to give",
    note = "a return type of your own needs `impl Answer for …`"
)]
pub trait Answer {
    /// Its media type, where the type says one; an empty one where it has no body.
    const MEDIA_TYPE: Option<&'static str>;
}

/// A handler whose answer is known by its type.
pub trait Answered<T> {
    /// Says what it answers.
    fn describe_answer(into: &mut Operation);
}

impl<T> Answer for Json<T> {
    const MEDIA_TYPE: Option<&'static str> = Some("application/json");
}

impl<T: Answer> Answer for (StatusCode, T) {
    const MEDIA_TYPE: Option<&'static str> = T::MEDIA_TYPE;
}

impl<T: Answer, E> Answer for Result<T, E> {
    const MEDIA_TYPE: Option<&'static str> = T::MEDIA_TYPE;
}

impl Answer for StatusCode {
    const MEDIA_TYPE: Option<&'static str> = Some("");
}

impl Answer for Response {
    const MEDIA_TYPE: Option<&'static str> = None;
}

impl Answer for &'static str {
    const MEDIA_TYPE: Option<&'static str> = Some("text/plain");
}

impl Answer for String {
    const MEDIA_TYPE: Option<&'static str> = Some("text/plain");
}

impl<F, Fut> Answered<((),)> for F
where
    F: FnOnce() -> Fut,
    Fut: Future<Output: Answer>,
{
    fn describe_answer(into: &mut Operation) {
        into.answered = <Fut::Output as Answer>::MEDIA_TYPE;
    }
}

macro_rules! tuples {
    ($(($($next:ident)*))*) => {
        $(
            impl<F, Fut, M, $($next),*> Answered<(M, $($next,)*)> for F
            where
                F: FnOnce($($next),*) -> Fut,
                Fut: Future<Output: Answer>,
            {
                fn describe_answer(into: &mut Operation) {
                    into.answered = <Fut::Output as Answer>::MEDIA_TYPE;
                }
            }
        )*
    };
}

tuples! { (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E G) (A B C D E G H) }
