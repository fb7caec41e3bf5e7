<?php

$name = $object::class;
