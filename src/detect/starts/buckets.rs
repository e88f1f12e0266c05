//! Buckets: beginnings that are told together.

use super::super::heads::{Beginning, Near, Set, TEXTS};
use super::BUCKETS;

/// What some beginnings allow together.
pub struct Bucket {
    /// For each place, the bytes, and about which part of each usual text they make up.
    pub places: Vec<(Set, [f64; TEXTS])>,
    /// About which part of each usual text it lets through, and the same of its places from each on.
    through: [f64; TEXTS],
    behind: Vec<[f64; TEXTS]>,
    /// Whether they begin with a sign, and what they have near: only of one sort they are joined.
    pub sort: (bool, Near),
}

impl Bucket {
    fn new(places: Vec<(Set, [f64; TEXTS])>, sort: (bool, Near)) -> Bucket {
        let mut behind = vec![[1.0; TEXTS]];
        for (_, shares) in places.iter().rev() {
            behind.push(both(behind[behind.len() - 1], *shares));
        }
        behind.reverse();
        Bucket { places, through: behind[0], behind, sort }
    }

    /// What both allow.
    fn with(&self, other: &Bucket) -> impl Iterator<Item = (Set, [f64; TEXTS])> {
        self.places.iter().zip(&other.places).map(move |(a, b)| {
            // One is a part of the other most often.
            if b.0.is_in(a.0) {
                return *a;
            }
            if a.0.is_in(b.0) {
                return *b;
            }
            let both = a.0.and(b.0).beyond_as_two();
            (both, both.shares())
        })
    }
}

/// About which part of each usual text two conditions let through.
fn both(one: [f64; TEXTS], other: [f64; TEXTS]) -> [f64; TEXTS] {
    std::array::from_fn(|i| one[i] * other[i])
}

/// At most so many buckets that allow all that the given ones allow, and as little more of usual texts as can be
/// had by joining, again and again, the two that cost least.
pub fn buckets(beginnings: &[Beginning]) -> Vec<Bucket> {
    let mut list: Vec<Bucket> = Vec::new();
    for bucket in beginnings.iter().flat_map(apart) {
        if !list.iter().any(|b| b.sort == bucket.sort && b.places == bucket.places) {
            list.push(bucket);
        }
    }
    // For each bucket the cheapest one before it to join, which most joins leave as it is.
    let mut cheapest: Vec<Option<(f64, usize)>> =
        (0..list.len()).map(|i| cheapest_before(&list, i)).collect();
    while list.len() > BUCKETS {
        let offers =
            cheapest.iter().enumerate().filter_map(|(b, c)| c.map(|(price, a)| (price, a, b)));
        let Some((_, a, b)) = offers.min_by(|x, y| x.0.total_cmp(&y.0)) else { break };
        list[a] = Bucket::new(list[a].with(&list[b]).collect(), list[a].sort);
        list.remove(b);
        cheapest.remove(b);
        for i in a..list.len() {
            match &mut cheapest[i] {
                Some((_, with)) if i != a && *with != a && *with != b => {
                    *with -= usize::from(*with > b);
                    if i > a && list[i].sort == list[a].sort {
                        let most = cheapest[i].map_or(f64::INFINITY, |c| c.0);
                        if let Some(price) = price_below(most, &list[i], &list[a]) {
                            cheapest[i] = Some((price, a));
                        }
                    }
                }
                _ => cheapest[i] = cheapest_before(&list, i),
            }
        }
    }
    list
}

/// A beginning with a sign and one with anything else, as far as there are such.
fn apart(Beginning { sets, near }: &Beginning) -> impl Iterator<Item = Bucket> {
    let (sign, other) = sets[0].signs_and_others();
    [(sign, true), (other, false)].into_iter().filter(|(first, _)| !first.is_empty()).map(
        move |(first, sign)| {
            let all = std::iter::once(first).chain(sets[1..].iter().copied());
            let places = all.map(Set::beyond_as_two).map(|s| (s, s.shares()));
            Bucket::new(places.collect(), (sign, *near))
        },
    )
}

/// The bucket before `i` that is cheapest to join with it.
fn cheapest_before(list: &[Bucket], i: usize) -> Option<(f64, usize)> {
    let like = (0..i).filter(|j| list[*j].sort == list[i].sort);
    like.fold(None, |cheapest: Option<(f64, usize)>, j| {
        let most = cheapest.map_or(f64::INFINITY, |c| c.0);
        price_below(most, &list[i], &list[j]).map(|price| (price, j)).or(cheapest)
    })
}

/// How much more of usual texts two buckets let through as one, if that is below `most`.
fn price_below(most: f64, a: &Bucket, b: &Bucket) -> Option<f64> {
    let (mut through, mut price) = ([1.0; TEXTS], 0.0);
    for (place, (_, shares)) in (1..).zip(a.with(b)) {
        through = both(through, shares);
        // The places behind let through together at least what either's do.
        price = (0..TEXTS)
            .map(|i| {
                through[i] * a.behind[place][i].max(b.behind[place][i])
                    - a.through[i]
                    - b.through[i]
            })
            .sum();
        if price >= most {
            return None;
        }
    }
    Some(price)
}
