//! Buckets: beginnings that are told together.

use super::super::heads::{Beginning, DEPTH, Near, Set, TEXTS};
use super::BUCKETS;

/// A set of bytes, and about which part of each usual text they make up.
type Place = (Set, [f64; TEXTS]);

/// What some beginnings allow together.
pub struct Bucket {
    /// For each place, what can stand there.
    pub places: [Place; DEPTH],
    /// About which part of each usual text it lets through, and the same of its places from each on.
    through: [f64; TEXTS],
    behind: [[f64; TEXTS]; DEPTH + 1],
    /// Whether they begin with a sign, and what they have near: only of one sort they are joined.
    pub sort: (bool, Near),
}

impl Bucket {
    fn new(places: [Place; DEPTH], sort: (bool, Near)) -> Bucket {
        let mut behind = [[1.0; TEXTS]; DEPTH + 1];
        for (at, (_, shares)) in places.iter().enumerate().rev() {
            behind[at] = both(behind[at + 1], *shares);
        }
        Bucket { places, through: behind[0], behind, sort }
    }

    /// What both allow.
    fn with(&self, other: &Bucket) -> Bucket {
        let places = std::array::from_fn(|at| either(&self.places[at], &other.places[at]));
        Bucket::new(places, self.sort)
    }
}

/// What one of two places allows.
#[inline]
fn either(one: &Place, other: &Place) -> Place {
    // One is a part of the other most often.
    match () {
        () if other.0.is_in(one.0) => *one,
        () if one.0.is_in(other.0) => *other,
        () => {
            let both = one.0.and(other.0).beyond_as_two();
            (both, both.shares())
        }
    }
}

/// About which part of each usual text two conditions let through.
fn both(one: [f64; TEXTS], other: [f64; TEXTS]) -> [f64; TEXTS] {
    std::array::from_fn(|i| one[i] * other[i])
}

/// At most so many buckets that allow all that the given ones allow, and as little more of usual texts as can be
/// had by joining, again and again, the two that cost least.
pub fn buckets(beginnings: &[Beginning]) -> Vec<Bucket> {
    // They are large, and the list moves up with each join.
    let mut list = Vec::<Box<Bucket>>::new();
    for bucket in beginnings.iter().flat_map(apart) {
        if !list.iter().any(|b| b.sort == bucket.sort && b.places == bucket.places) {
            list.push(Box::new(bucket));
        }
    }
    // Most joins leave most offers as they are.
    let mut offers: Vec<Offer> = (0..list.len()).map(|i| cheapest_before(&list, i)).collect();
    while list.len() > BUCKETS {
        let cheapest = offers.iter().enumerate().min_by(|x, y| x.1.price.total_cmp(&y.1.price));
        let Some((b, offer)) = cheapest.filter(|(_, offer)| offer.price < f64::INFINITY) else {
            break;
        };
        let Some(a) = offer.with else {
            offers[b] = cheapest_before(&list, b);
            continue;
        };
        *list[a] = list[a].with(&list[b]);
        list.remove(b);
        offers.remove(b);
        offers[a] = cheapest_before(&list, a);
        for (i, offer) in offers.iter_mut().enumerate().skip(a + 1) {
            offer.after_joining(a, b);
            offer.improve(&list[i], &list[a], a);
        }
    }
    list.into_iter().map(|bucket| *bucket).collect()
}

/// The cheapest bucket before another to join it with.
#[derive(Clone, Copy)]
struct Offer {
    /// What that costs, or less; infinite where there is none.
    price: f64,
    /// Which one, unless it is gone: then none of those left costs less than it has.
    with: Option<usize>,
}

impl Offer {
    /// What is left of an offer when `b` has been joined to `a`.
    fn after_joining(&mut self, a: usize, b: usize) {
        let left = self.with.filter(|with| *with != a && *with != b);
        self.with = left.map(|with| with - usize::from(with > b));
    }

    /// Takes a bucket in place of what was offered if it costs less.
    fn improve(&mut self, to: &Bucket, bucket: &Bucket, number: usize) {
        if to.sort == bucket.sort
            && let Some(price) = price_below(self.price, to, bucket)
        {
            *self = Offer { price, with: Some(number) };
        }
    }
}

/// A beginning with a sign and one with anything else, as far as there are such.
fn apart(Beginning { sets, near }: &Beginning) -> impl Iterator<Item = Bucket> {
    let (sign, other) = sets[0].signs_and_others();
    [(sign, true), (other, false)].into_iter().filter(|(first, _)| !first.is_empty()).map(
        move |(first, sign)| {
            let places = std::array::from_fn(|at| {
                let set = if at == 0 { first } else { sets[at] }.beyond_as_two();
                (set, set.shares())
            });
            Bucket::new(places, (sign, *near))
        },
    )
}

/// The bucket before `i` that is cheapest to join with it.
fn cheapest_before(list: &[Box<Bucket>], i: usize) -> Offer {
    let mut offer = Offer { price: f64::INFINITY, with: None };
    list[..i].iter().enumerate().for_each(|(j, bucket)| offer.improve(&list[i], bucket, j));
    offer
}

/// How much more of usual texts two buckets let through as one, if that is below `most`.
fn price_below(most: f64, a: &Bucket, b: &Bucket) -> Option<f64> {
    let (mut through, mut price) = ([1.0; TEXTS], 0.0);
    for at in 0..DEPTH {
        through = both(through, either(&a.places[at], &b.places[at]).1);
        // The places behind let through together at least what either's do.
        let (of_a, of_b) = (&a.behind[at + 1], &b.behind[at + 1]);
        price = 0.0;
        for i in 0..TEXTS {
            price += through[i] * of_a[i].max(of_b[i]) - a.through[i] - b.through[i];
        }
        if price >= most {
            return None;
        }
    }
    Some(price)
}
