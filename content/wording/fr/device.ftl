# Les appareils de quelqu’un : quand ils ont été vus, bloqués, perdus.
device-this = Celui-ci
device-here = Tu l’as en main
device-seen = Vu { $ago }
device-never = Jamais connecté
device-lost = Perdu
device-lost-waiting = Sera effacé dès qu’il retrouve le réseau
device-lost-told = Ordre d’effacement reçu { $ago }
device-held = Voir ce qu’il contenait
device-end-why = Que lui est‑il arrivé ?
device-end-parted = Prêté, rendu, remplacé
device-end-parted-mine = Il n’entre plus avec ton compte. Ce qui n’a pas été envoyé y reste lisible.
device-end-parted-theirs = Il n’entre plus avec ce compte. Ce qui n’a pas été envoyé y reste lisible.
device-end-lost = Perdu ou volé
device-end-lost-short = Tout y sera effacé dès qu’il retrouve le réseau, même ce qui n’a jamais été envoyé.
device-end-lost-mine = Tes autres navigateurs seront déconnectés, ton mot de passe et tes invitations ne serviront plus.
device-end-lost-theirs = Ses navigateurs seront déconnectés, son mot de passe et ses invitations ne serviront plus : prépare‑lui une nouvelle invitation.
device-end-do-parted = Bloquer l’appareil
device-end-do-lost = Tout effacer
device-ended = { $name } n’entre plus.
device-held-title = Ce que contenait { $name }
device-held-none = Le serveur n’y avait rien déposé.
device-held-known = D’après ce que le serveur lui avait envoyé. Ce qui y a été écrit sans jamais être envoyé n’est connu de personne.
device-held-waiting-app = Il sera effacé dès qu’il retrouve le réseau. S’il ne revient jamais, tout y reste, chiffré.
device-held-waiting-web = Il sera effacé au prochain contact, dans les douze heures. Plus tard, seul ce qui n’a jamais été envoyé y reste.
device-held-told = Il a reçu l’ordre de tout effacer { $ago }.
device-held-perhaps = une copie plus ancienne, peut-être
device-held-hidden = { $count ->
    [one] Un document que tu n’as pas à lire
   *[other] { $count } documents que tu n’as pas à lire
}
device-kind-report = Signalements
device-kind-reporter = Auteurs de signalements
device-kind-draft = Brouillons
device-kind-action = Actions
device-kind-progress = Formations suivies
device-kind-memory = Rappels
device-kind-module = Capsules en écriture
device-kind-release = Capsules
device-kind-assignment = Capsules diffusées
device-kind-form = Formulaires
device-kind-person = Personnes
device-kind-site = Sites
device-kind-other = Autres
