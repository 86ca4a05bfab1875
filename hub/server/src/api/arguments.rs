//! What handlers may take, and which of them name a permission.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, Method, Uri};
use hub_flow::authorization::{Permission, Permits};
use serde::de::DeserializeOwned;

use super::App;
use super::audit::Trail;
use super::clerk::Clerk;
use super::may::{May, MayWithin};
use super::openapi::{Operation, shape};
use super::registers::place::Place;
use super::request::{Path, SmallBody, Wanted};

/// Something a handler takes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no argument a handler of the door is known to take",
    note = "an extractor of your own needs `impl Argument for …`"
)]
pub trait Argument {
    /// Says what it takes of a request.
    fn describe(_: &mut Operation) {}
}

/// A first argument that lets only those in who have a permission: [`May`], or what holds one.
#[diagnostic::on_unimplemented(
    message = "the first argument of a handler is `May<P>`, which names its permission",
    label = "this names no permission",
    note = "a route that is open to all is added with `public_get`, `public_post` … and says why"
)]
pub trait Names: Argument {
    /// The permission.
    const PERMISSION: Permission;
}

/// The arguments of a handler.
pub trait Arguments {
    /// What they take of a request.
    fn describe(into: &mut Operation);
}

/// The arguments of a handler, the first of which names a permission.
#[diagnostic::on_unimplemented(
    message = "the first argument of a handler is `May<P>`, which names its permission",
    note = "a route that is open to all is added with `public_get`, `public_post` … and says why"
)]
pub trait Guarded: Arguments {
    /// The permission.
    const PERMISSION: Permission;
}

impl<P: Permits> Argument for May<P> {}
impl<P: Permits> Argument for MayWithin<P> {}
impl Argument for State<App> {}
impl Argument for Trail {}
impl Argument for HeaderMap {}
impl Argument for Method {}
impl Argument for Uri {}

impl Argument for Clerk {
    fn describe(into: &mut Operation) {
        into.headers.extend([("Punte-Clerk", false), ("Punte-Unit", false)]);
    }
}

impl Argument for Place {
    fn describe(into: &mut Operation) {
        into.path = shape::pieces::<(String, i64, i64)>();
    }
}

impl Argument for Request {
    fn describe(into: &mut Operation) {
        into.body = true;
    }
}

impl Argument for SmallBody {
    fn describe(into: &mut Operation) {
        into.body = true;
    }
}

impl<T: DeserializeOwned> Argument for Path<T> {
    fn describe(into: &mut Operation) {
        into.path = shape::pieces::<T>();
    }
}

impl<T: DeserializeOwned> Argument for Query<T> {
    fn describe(into: &mut Operation) {
        into.query = Some(shape::schema::<T>());
    }
}

impl<T: DeserializeOwned> Argument for Result<Query<T>, QueryRejection> {
    fn describe(into: &mut Operation) {
        Query::<T>::describe(into);
    }
}

impl<T: DeserializeOwned> Argument for Wanted<T> {
    fn describe(into: &mut Operation) {
        Query::<T>::describe(into);
    }
}

impl<A: Argument, B: Argument> Argument for (A, B) {
    fn describe(into: &mut Operation) {
        A::describe(into);
        B::describe(into);
    }
}

impl<P: Permits> Names for May<P> {
    const PERMISSION: Permission = P::PERMISSION;
}

impl<P: Permits> Names for MayWithin<P> {
    const PERMISSION: Permission = P::PERMISSION;
}

impl<A: Names, B: Argument> Names for (A, B) {
    const PERMISSION: Permission = A::PERMISSION;
}

// The first of the tuple is a mark by which handlers tell apart what takes the whole request and what does not.
impl Arguments for ((),) {
    fn describe(_: &mut Operation) {}
}

macro_rules! tuples {
    ($(($($next:ident)*))*) => {
        $(
            impl<M, A: Argument, $($next: Argument),*> Arguments for (M, A, $($next,)*) {
                fn describe(into: &mut Operation) {
                    A::describe(into);
                    $($next::describe(into);)*
                }
            }

            impl<M, A: Names, $($next: Argument),*> Guarded for (M, A, $($next,)*) {
                const PERMISSION: Permission = A::PERMISSION;
            }
        )*
    };
}

tuples! { () (B) (B C) (B C D) (B C D E) (B C D E F) (B C D E F G) }
