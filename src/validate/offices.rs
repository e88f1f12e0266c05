//! Offices, trades and relations, by which people are addressed without their name: "Herr Präsident", "Monsieur le Maire".
//! Not those that are family names as often (`Richter`, `König`, `Bishop`).

use std::sync::LazyLock;

use super::cell;
use super::wordset::Words;

/// By language.
const OFFICES: &[&str] = &[
    // German
    "\
     präsident präsidentin vizepräsident vizepräsidentin kollege kollegin kollegen doktor professor \
     professorin direktor direktorin bürgermeister bürgermeisterin oberbürgermeister oberbürgermeisterin \
     minister ministerin ministerpräsident ministerpräsidentin kanzler kanzlerin bundeskanzler \
     bundeskanzlerin bundespräsident bundespräsidentin staatssekretär staatssekretärin abgeordneter \
     abgeordnete abgeordneten vorsitzender vorsitzende vorsitzenden rektor rektorin dekan dekanin pfarrer \
     pfarrerin pastor pastorin rechtsanwalt rechtsanwältin staatsanwalt staatsanwältin botschafter \
     botschafterin landrat landrätin senator senatorin gouverneur gouverneurin oberst general admiral \
     ingenieur magister nachbar nachbarin lehrer lehrerin doktorin inspektor inspektorin kommissar \
     kommissarin intendant intendantin redakteur redakteurin notar notarin chef chefin gemahlin gemahl \
     mutter vater kammerpräsident stadtrat stadträtin gemeinderat gemeinderätin nationalrat nationalrätin \
     regierungsrat regierungsrätin bundesrat bundesrätin landeshauptmann landeshauptfrau",
    // French
    "\
     maire président présidente ministre directeur directrice docteur docteure professeur professeure \
     juge préfet préfète sénateur sénatrice député députée ambassadeur ambassadrice recteur rectrice \
     proviseur proviseure procureur procureure bâtonnier curé inspecteur inspectrice commissaire \
     secrétaire responsable gérant gérante conseiller conseillère chargé",
    // Spanish
    "\
     alcalde alcaldesa presidente presidenta ministro ministra director directora doctor doctora profesor \
     profesora juez jueza senador senadora diputado diputada embajador embajadora rectora decano decana \
     gobernador gobernadora concejal concejala fiscal notario cliente vecino vecina propietario \
     propietaria",
    // Italian
    "\
     sindaco sindaca direttore direttrice dottore dottoressa professore professoressa giudice senatore \
     senatrice onorevole ambasciatore ambasciatrice prefetto questore rettore rettrice preside avvocato \
     avvocata ingegnere notaio assessore assessora consigliere consigliera",
    // Portuguese
    "\
     diretor diretora doutor doutora professora juiz juíza deputado deputada embaixador embaixadora \
     vereador vereadora prefeito prefeita reitor reitora engenheiro engenheira",
    // Dutch
    "\
     voorzitter burgemeester directeur-generaal dokter wethouder rechter notaris pastoor dominee kamerlid \
     griffier",
    // Norwegian, Danish, Swedish
    "\
     president statsminister statsråd ordfører ordføreren borgermester borgmester statsministeren \
     justisminister formand formann leder møteleder dirigent dommer advokat rektoren biskop prest præst \
     präst lektor kollega talman talmannen ordförande statssekreterare statsrådet landshövding ambassadör \
     ambassadør doktorn direktør direktör kaptein kaptajn kapten",
    // Finnish
    "\
     presidentti pääministeri ministeri puhemies puheenjohtaja tohtori professori johtaja \
     kaupunginjohtaja rehtori tuomari",
    // Polish
    "\
     prezes prezesie prezesa prezesowi prezydent prezydencie prezydenta premier premierze ministrze \
     marszałek marszałku dyrektor dyrektorze dyrektora dyrektorko doktorze doktora profesorze \
     przewodniczący przewodnicząca mecenas mecenasie wójt wójcie burmistrz burmistrzu sołtys sołtysie \
     redaktor redaktorze kierownik kierowniku inżynier inżynierze sędzia sędzio poseł pośle posłanka \
     posłanko senatorze ambasadorze starosto starosta rektorze dziekan dziekanie",
    // Czech and Slovak
    "\
     ředitel řediteli ředitelka ředitelko doktore doktorko profesore profesorko předseda předsedo \
     předsedkyně starostka starostko primátor primátore primátorka primátorko ministře ministryně \
     prezidente prezident magistře magistro inženýr inženýre inženýrko učitel učiteli učitelka učitelko \
     poslanec poslanče poslankyně senátor senátore senátorka senátorko docent docente riaditeľ riaditeľka \
     predseda predsedníčka poslankyňa sudca sudkyňa",
    // Romanian
    "\
     președinte prim-ministru ministru primar primarul deputat senatorul domn judecător",
    // English
    "\
     chairman chairwoman chairperson chair speaker mayor secretary ambassador governor commissioner \
     vice-president congressman congresswoman principal headmaster moderator manager",
];

/// Whether a word is one of them.
pub(super) fn is_office(word: &str) -> bool {
    static ALL: LazyLock<Words> =
        LazyLock::new(|| Words::new(OFFICES.iter().flat_map(|list| list.split_whitespace())));
    cell::holds_small(&ALL, word)
}
