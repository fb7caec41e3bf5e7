<?php

$name = $client?->name;
