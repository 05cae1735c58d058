# Aujourd’hui : ce qui est demandé, commencé, devenu.
today-hello = Bonjour { $name }
today-evening = Bonsoir { $name }
today-night = Bonne nuit de travail, { $name }
today-for-you = À toi aujourd’hui
today-capsule = Capsule
today-capsule-open = Capsule commencée
today-before = avant le { $day }
today-reviews-kind = Rappel
today-reviews = { $count ->
    [one] Une question à revoir
   *[other] { $count } questions à revoir
}
today-later = { $count ->
    [one] Une autre capsule attendra un autre jour : cinq minutes suffisent.
   *[other] { $count } autres capsules attendront un autre jour : cinq minutes suffisent.
}
today-calm = Rien ne t’attend
today-calm-text = Les capsules demandées et tes brouillons apparaîtront ici. Si tu vois quelque chose d’anormal, le bouton orange est là.
today-calm-next = Prochain rappel { $day }. Si tu vois quelque chose d’anormal, le bouton orange est là.
today-calm-learn = Choisir une capsule
today-drafts = À finir
today-practice = Entraînement
today-actions = Tes actions
today-late = En retard
today-reports = Tes signalements
today-see-all = Tout voir
today-triage = { $count ->
    [0] Aucun signalement ouvert
    [one] Signalement ouvert
   *[other] Signalements ouverts
}
today-triage-none = Ceux de tes sites arriveront ici.
today-worsened = { $count ->
    [one] { $count } aggravé depuis
   *[other] { $count } aggravés depuis
}
today-web-waiting = { $count ->
    [one] Une saisie attend le réseau dans ce navigateur.
   *[other] { $count } saisies attendent le réseau dans ce navigateur.
}
today-web-preparing = Ce navigateur se prépare à marcher sans réseau. Garde le réseau un instant.
today-web-ready = Prêt : ici, tu peux signaler sans réseau.
today-web = Tu travailles longtemps sans réseau ? Prends plutôt l’application : elle garde tout sur l’appareil.
