//! Words as people on the floor write them.

use crate::chance::Chance;

const WHO: [&str; 10] = [
    "Un cariste",
    "Une collègue de l’équipe du matin",
    "L’intérimaire",
    "Le chauffeur",
    "Un visiteur sans gilet",
    "Mon binôme",
    "La maintenance",
    "Un sous-traitant",
    "L’opératrice de la ligne 3",
    "Quelqu’un de la nuit",
];
const DID: [&str; 12] = [
    "a glissé sur une flaque d’huile",
    "est passé sous la charge",
    "a reculé sans regarder",
    "a trouvé la grille de protection ouverte",
    "a heurté le rack avec la fourche",
    "a lâché une clé du haut de la passerelle",
    "a respiré les vapeurs du bain de dégraissage",
    "s’est pris le pied dans un câble",
    "a retiré un bourrage sans consigner",
    "a failli recevoir un carton de douze kilos",
    "a vu une étincelle dans l’armoire électrique",
    "a posé la palette devant l’extincteur",
];
const WHERE: [&str; 10] = [
    "près du quai 2",
    "à l’angle de l’atelier d’usinage",
    "dans l’allée centrale",
    "au pied de l’escalier du magasin",
    "devant la presse 12",
    "au poste de soudage",
    "derrière la cabine de peinture",
    "sur le parking des poids lourds",
    "dans la zone de charge des batteries",
    "à l’entrée du local produits chimiques",
];
const THEN: [&str; 10] = [
    "Personne n’a rien eu, mais à un mètre près c’était grave.",
    "On a balisé et prévenu le chef d’équipe.",
    "C’est la troisième fois ce mois-ci.",
    "Le sol est encore gras, il faudrait de l’absorbant.",
    "La lisse est tordue depuis lundi et personne ne l’a remplacée.",
    "Avec la pluie, l’eau rentre par la porte et ça recommence.",
    "Il n’y avait pas de séparation entre les piétons et les chariots.",
    "Je propose de déplacer le stockage de deux mètres.",
    "Le bip de recul ne marche plus sur le chariot n° 7.",
    "On a arrêté la machine le temps de vérifier le capteur.",
];

/// Some sentences in French: 100 to 500 characters.
pub fn story(chance: &mut Chance) -> String {
    let mut text = String::new();
    for _ in 0..chance.below(3).saturating_add(1) {
        for part in [&WHO[..], &DID[..], &WHERE[..]] {
            text.push_str(chance.pick(part).copied().unwrap_or_default());
            text.push(' ');
        }
        let minute = chance.below(60);
        let hour = chance.below(24);
        text.push_str(&format!("vers {hour} h {minute:02}. "));
        text.push_str(chance.pick(&THEN).copied().unwrap_or_default());
        text.push(' ');
    }
    text.truncate(text.trim_end().len());
    text
}
