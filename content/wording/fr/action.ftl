# Les actions décidées : qui, quoi, pour quand.
action-title = Actions
action-tab-mine = Les miennes
action-tab-site = Mon site
action-tab-done = Faites
action-late-count =
    { $count ->
        [one] Une est en retard
       *[other] { $count } sont en retard
    }
action-none-mine-title = Rien à faire pour toi
action-none-mine = Les actions que l’on te confie arriveront ici.
action-none-site-title = Rien en cours sur ton site
action-none-site = Une action naît d’un signalement : elle viendra ici avec son nom et sa date.
action-none-done-title = Rien de fait pour l’instant
action-none-done = Les actions finies restent lisibles ici, avec leur preuve.

action-due = { $day }
action-late = en retard : { $day }
action-done = Faite
action-state-open = En cours
action-state-late = En retard
action-state-done = Faite
action-yours = À toi
action-see-report = Voir le signalement
action-mark-done = C’est fait
action-reopen = Pas finie : la rouvrir

action-done-title = C’est fait
action-done-words = Qu’est‑ce qui a été fait ?
action-done-hint = Ce que l’on verra en passant devant : la pièce changée, le marquage refait.
action-done-send = Marquer faite
action-done-said = Bravo. L’action est faite.
action-reopen-title = Rouvrir l’action
action-reopen-words = Qu’est‑ce qui reste à faire ?
action-reopen-hint = La personne en charge le lira.
action-reopen-send = Rouvrir
action-reopen-said = L’action est rouverte.
action-words-missing = Écris quelques mots : c’est la preuve.

action-of-report = Actions décidées
action-new = Décider une action
action-what = Quoi ?
action-what-hint = Un verbe, un objet : « Remplacer le flexible de la presse 3 ».
action-what-missing = Dis ce qu’il y a à faire.
action-owner = Qui ?
action-owner-change = Changer
action-owner-none = Personne de ce nom.
action-owner-missing = Une action sans nom ne se fait pas. Choisis quelqu’un.
action-until = Pour quand ?
action-until-missing = Choisis une date.
action-in-days =
    { $count ->
        [7] 1 semaine
        [14] 2 semaines
        [30] 1 mois
       *[other] { $count } jours
    }
action-details = Détails
action-create = Décider
