# Les signalements : les miens, leur page, le tri.
report-mine = Mes signalements
report-one = Signalement
report-search = Chercher un signalement
report-start = Signaler
report-none-mine-title = Rien de signalé pour l’instant
report-none-mine = Tu as vu quelque chose ? Une photo et quatre touches suffisent. Tu suivras ici ce qui en est fait.
report-none-found-title = Rien ne correspond
report-none-found = Essaie un mot plus court, ou enlève un filtre.
report-photos-here = { $count ->
    [one] photo
   *[other] photos
}
report-comments = { $count ->
    [one] commentaire
   *[other] commentaires
}

report-type-incident = Incident
report-type-near-miss = Presqu’accident
report-type-weak-signal = Signal faible
report-type-need = Besoin
report-type-non-conformity = Non-conformité
report-type-observation = Observation
report-type-flash-audit = Audit flash
report-urgent = Urgent
report-confidential = Confidentiel
report-worsened = À revoir
report-score = Score : { $score } %

report-chain = Où en est ton signalement
report-chain-waiting = pas encore
report-next-draft = Pas encore scellé.
report-next-sealed = Scellé sur cet appareil. Il partira tout seul dès que le réseau est là.
report-next-received = Bien arrivé. La prochaine étape : quelqu’un le lit.
report-next-read = Lu. La prochaine étape : une décision, et une réponse pour toi.
report-next-handled = Traité. La réponse est juste en dessous.
report-next-refused = Le serveur ne l’a pas pris. Il reste ici, lisible.

report-answer-mine = La réponse pour toi
report-answer = La réponse à l’auteur
report-outcome = Ce qu’il en est
report-outcome-done = Traité
report-outcome-not-retained = Non retenu
report-said-mine = Ce que tu as dit
report-said = Ce qui est signalé
report-since = Depuis
report-timeline = Historique
report-photo = Photo { $rank }
report-photo-open = Agrandir la photo { $rank }
report-photo-away = Pas encore ici. Elle viendra avec le réseau.
report-offline-title = Le reste viendra avec le réseau
report-offline = Voilà ce que cet appareil sait déjà. Rien n’est perdu.

report-refused-title = Ce signalement n’a pas été accepté
report-refused-safe = Tes mots et tes photos restent sur cet appareil.
report-refusal-unknown = La raison n’est pas encore arrivée.
report-copy = Refaire à partir de celui-ci

report-comment-mine = Ajouter un mot
report-comment = Écrire un commentaire
report-comment-hint = L’auteur le lira.
report-comment-send = Envoyer

report-receipt = Accusé de réception
report-receipt-valid = Signé par le serveur, signature vérifiée
report-receipt-invalid = Signature non vérifiée sur cet appareil
report-receipt-at = Reçu le
report-receipt-position = Rang dans le registre
report-receipt-photos = Empreintes des photos
report-receipt-photo-at = reçue le { $when }
report-receipt-photo-waiting = pas encore reçue

report-you = Toi
report-author = L’auteur
report-author-hidden = Nom réservé aux responsables QSE
report-someone = Quelqu’un
report-by = { $who } · { $when }

report-did-sealed = { $who } a scellé ce signalement.
report-did-received = Le serveur l’a reçu et a signé.
report-did-read = { $who } l’a lu.
report-did-severity = { $who } a jugé la gravité : { $severity }.
report-did-assigned = { $who } l’a confié à { $person }.
report-did-unassigned = { $who } en a déchargé { $person }.
report-did-comment = { $who } a écrit :
report-did-linked = { $who } a décidé une action.
report-did-taken = { $who } s’en occupe.
report-did-closed-done = { $who } a répondu : traité.
report-did-closed-not-retained = { $who } a répondu : non retenu.
report-did-reopened = { $who } a rouvert le signalement.
report-did-refused = Le serveur ne l’a pas accepté.
report-you-sealed = Tu as scellé ce signalement.
report-you-read = Tu l’as lu.
report-you-severity = Tu as jugé la gravité : { $severity }.
report-you-assigned = Tu l’as confié à { $person }.
report-you-unassigned = Tu en as déchargé { $person }.
report-you-comment = Tu as écrit :
report-you-linked = Tu as décidé une action.
report-you-taken = Tu t’en occupes.
report-you-closed-done = Tu as répondu : traité.
report-you-closed-not-retained = Tu as répondu : non retenu.
report-you-reopened = Tu as rouvert le signalement.

report-sealed-title = C’est scellé
report-sealed-waiting = Gardé sur cet appareil. Il partira tout seul dès que le réseau est là.
report-sealed-received = Bien arrivé à { $site }. Tu n’as plus rien à faire.
report-sealed-next-read = L’équipe QSE le lit, et tu vois quand.
report-sealed-next-decide = Elle décide quoi faire, avec un nom et une date.
report-sealed-next-answer = Tu reçois une réponse ici, même si la réponse est non.
report-sealed-urgent = C’est urgent : préviens aussi quelqu’un de vive voix, tout de suite.
report-sealed-see = Suivre ce signalement
report-sealed-another = Signaler autre chose
report-sealed-home = Retour à l’accueil
report-sealed-practice = Entraînement fini
report-sealed-practice-text = Tu sais faire. Rien n’a été envoyé.
report-sealed-for-real = Signaler pour de vrai

report-triage = À trier
report-your-site = ton site
report-none-triage-title = Rien à trier
report-none-triage = Les signalements de { $site } arriveront ici.
report-pick-title = Choisis un signalement
report-pick = L’ouvrir, c’est le lire : son auteur le verra.
report-total =
    { $count ->
        [0] Aucun signalement
        [one] { $count } signalement
       *[other] { $count } signalements
    }
report-count-urgent =
    { $count ->
        [one] { $count } urgent
       *[other] { $count } urgents
    }
report-count-unread =
    { $count ->
        [one] { $count } non lu
       *[other] { $count } non lus
    }
report-count-worsened =
    { $count ->
        [one] { $count } aggravé depuis
       *[other] { $count } aggravés depuis
    }
report-filters = Filtres
report-status = Statut
report-status-open = À prendre
report-status-in-progress = En cours
report-status-closed = Traités
report-status-all = Tous
report-filter-mine = Pour moi
report-filter-severity = Gravité
report-filter-type = Type
report-filter-site = Site
report-filter-clear = Tout enlever
report-assigned-to = confié à { $name }

report-panel = Décider
report-decide-more = Plus
report-take = Je m’en occupe
report-assign = Confier
report-assign-title = Qui s’en occupe ?
report-assign-search = Chercher un nom
report-assign-none = Personne de ce nom.
report-assign-in-charge = en charge
report-nobody = Personne ne s’en occupe
report-severity-change = Gravité
report-severity-decide = Trancher la gravité
report-severity-title = Quelle gravité ?
report-severity-save = Garder cette gravité
report-severity-reason-hint = Ce que tu as vu qui te le fait dire. L’auteur le lira.
report-reason = Pourquoi ?
report-reason-missing = Dis pourquoi, en quelques mots.
report-conflict-title = Deux avis sur la gravité
report-conflict-text = Le plus grave compte tant que personne n’a tranché.
report-worsened-title = Fermé pendant une aggravation
report-worsened-text = Pendant que l’un répondait, quelqu’un d’autre l’a jugé plus grave. Relis, puis rouvre ou tranche.
report-close = Répondre et clore
report-close-title = Répondre à l’auteur
report-close-answer = Ta réponse
report-close-hint-done = Ce qui a changé grâce à son signalement. C’est ce qu’il lira en premier.
report-close-hint-not-retained = Pourquoi, sans jargon. Un non expliqué vaut mieux qu’un silence.
report-close-answer-missing = Sans réponse, on ne clôt pas. Une phrase suffit.
report-close-conflict = Deux avis sur la gravité sont encore ouverts. Tranche d’abord, si tu peux.
report-close-send = Envoyer et clore
report-reopen = Rouvrir
report-reopen-title = Rouvrir le signalement
report-reopen-hint = L’auteur et les personnes en charge le liront.
report-done-taken = Tu t’en occupes. L’auteur le voit.
report-done-severity = La gravité est notée.
report-done-assigned = C’est confié.
report-done-unassigned = C’est retiré.
report-done-linked = L’action est décidée. L’auteur le voit.
report-done-closed = La réponse part vers son auteur.
report-done-reopened = Le signalement est rouvert.
report-keys = Raccourcis
report-key-next = Signalement suivant
report-key-previous = Signalement précédent
report-key-assign = Confier à quelqu’un
report-key-comment = Écrire un commentaire
report-key-search = Chercher
report-key-help = Montrer ces raccourcis
